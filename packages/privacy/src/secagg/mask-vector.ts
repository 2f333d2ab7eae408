/** Masks added to a vector, or taken off a sum. */
import { createModularAccumulator, type Masking, packedLength } from '../masking/index.ts';
import type { SecureRound } from './secure-round.ts';

/** A keystream that is added (1) or subtracted (-1). The seed is a secret. */
export interface MaskSeed {
  /** 32 bytes. */
  readonly seed: Uint8Array;
  readonly sign: 1 | -1;
}

/** Bytes of a masked vector: its sections one after the other, each packed and padded to a byte. */
export function maskedVectorLength(sections: SecureRound['sections']): number {
  return sections.reduce((bytes, { length, bits }) => bytes + packedLength(length, bits), 0);
}

/** Views of a masked vector's sections, each of whole bytes, as they lie one after the other. @param vector of `maskedVectorLength` bytes */
export function packedSections(vector: Uint8Array, sections: SecureRound['sections']): readonly Uint8Array[] {
  let at = 0;
  return sections.map(({ length, bits }) => {
    const packed = vector.subarray(at, at + packedLength(length, bits));
    at += packed.length;
    return packed;
  });
}

/**
 * The vector as it leaves the device: values plus masks, modulo 2^bits, packed.
 * @param values one array for each section, in [0, 2^bits)
 */
export function maskVector(
  values: readonly Uint32Array[],
  sections: SecureRound['sections'],
  masks: readonly MaskSeed[],
  masking?: Masking,
): Uint8Array {
  const masked = new Uint8Array(maskedVectorLength(sections));
  let at = 0;
  sections.forEach(({ length, bits }, section) => {
    const accumulator = createModularAccumulator({ length, bits, section, ...(masking ? { masking } : {}) });
    accumulator.addValues(values[section]);
    for (const { seed, sign } of masks) accumulator.addMask(seed, sign);
    masked.set(accumulator.packed(), at);
    at += packedLength(length, bits);
    accumulator.reset();
  });
  return masked;
}

/** How elements of b bits lie in a mask stream and on the wire. */

/** Elements in one 64-byte block of the stream; none lies across two. @param bits 8..32 */
export function elementsPerBlock(bits: number): number {
  return Math.floor(512 / bits);
}

/**
 * Slices of a section begin at multiples of this: whole groups of four blocks, and whole bytes when packed.
 */
export function sliceAlignment(bits: number): number {
  return 8 * elementsPerBlock(bits);
}

/** Bytes of densely packed elements, padded to a byte. */
export function packedLength(length: number, bits: number): number {
  return Math.ceil((length * bits) / 8);
}

/** Whether the bits behind the last element are zero, in bytes of the right length. */
export function hasZeroPadding(bytes: Uint8Array, length: number, bits: number): boolean {
  const spare = 8 * bytes.length - length * bits;
  return spare === 0 || bytes[bytes.length - 1] >>> (8 - spare) === 0;
}

/** 2^bits - 1, as an unsigned integer: `1 << 32` is 1. */
export function maskOf(bits: number): number {
  return bits === 32 ? 0xffff_ffff : 2 ** bits - 1;
}

/** RFC 8439 counts blocks in 32 bits. */
const mostBlocks = 2 ** 32;

export interface SliceShape {
  /** Elements. */
  readonly length: number;
  /** 8..32 */
  readonly bits: number;
  /** Separates the streams of one seed: the first word of the nonce. */
  readonly section: number;
  /** First element of the section that the slice holds; a multiple of `sliceAlignment`. */
  readonly from: number;
}

/** @throws RangeError for a shape that no stream has */
export function checkShape({ length, bits, section, from }: SliceShape): void {
  if (!Number.isInteger(bits) || bits < 8 || bits > 32)
    throw new RangeError(`Elements have 8 to 32 bits; got ${bits}.`);
  if (!Number.isInteger(section) || section < 0 || section > 0xffff_ffff) {
    throw new RangeError(`A section is numbered by 32 bits; got ${section}.`);
  }
  if (!Number.isSafeInteger(length) || length < 0) throw new RangeError(`${length} is no number of elements.`);
  if (!Number.isSafeInteger(from) || from < 0 || from % sliceAlignment(bits) !== 0) {
    throw new RangeError(`A slice begins at a multiple of ${sliceAlignment(bits)} elements; got ${from}.`);
  }
  if (Math.ceil((from + length) / elementsPerBlock(bits)) > mostBlocks) {
    throw new RangeError(
      `A mask stream has ${mostBlocks} blocks; ${from + length} elements of ${bits} bits need more.`,
    );
  }
}

/** @throws RangeError */
export function checkSeed(seed: Uint8Array): void {
  if (seed.length !== 32) throw new RangeError(`The seed of a mask has 32 bytes; got ${seed.length}.`);
}

/** @throws RangeError */
export function checkSeeds(seeds: Uint8Array, count: number): void {
  if (seeds.length !== 32 * count) {
    throw new RangeError(`The seeds of ${count} masks have ${32 * count} bytes; got ${seeds.length}.`);
  }
}

/** @throws RangeError on another length, or on spare bits that are set */
export function checkPacked(bytes: Uint8Array, length: number, bits: number): void {
  const expected = packedLength(length, bits);
  if (bytes.length !== expected) {
    throw new RangeError(`${length} elements of ${bits} bits are packed in ${expected} bytes; got ${bytes.length}.`);
  }
  if (!hasZeroPadding(bytes, length, bits)) throw new RangeError('Bits behind the last element are not zero.');
}

/** @throws RangeError on another number of values */
export function checkValues(values: Uint32Array, length: number): void {
  if (values.length !== length) throw new RangeError(`Expected ${length} values; got ${values.length}.`);
}

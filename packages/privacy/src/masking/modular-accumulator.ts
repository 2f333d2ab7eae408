/** A slice of a section's sum: masked vectors, values and mask streams added modulo 2^bits. */
import type { SliceShape } from './layout.ts';

/** Who generates the keystream: the platform, a WebAssembly SIMD kernel, or plain TypeScript. All give the same bits. */
export type Masking = 'native' | 'wasm' | 'portable';

export interface ModularAccumulator extends SliceShape {
  readonly masking: Masking;
  /** Densely packed elements. @throws RangeError on a wrong length, or on padding that is not zero */
  addPacked(bytes: Uint8Array): void;
  /** @throws RangeError on another length */
  addValues(values: Uint32Array): void;
  /** Adds or subtracts the mask stream of a 32-byte seed. @throws RangeError on a seed of another length */
  addMask(seed: Uint8Array, sign: 1 | -1): void;
  /**
   * The same for many; faster where the sum is larger than the caches, for each part of it is gone over once for several of them.
   * @param seeds one after the other, 32 bytes each
   * @param signs of each, 1 or -1
   * @throws RangeError where their numbers differ
   */
  addMasks(seeds: Uint8Array, signs: Int8Array): void;
  /** In [0, 2^bits). */
  values(): Uint32Array;
  /** Densely packed. */
  packed(): Uint8Array;
  /** Zero again. */
  reset(): void;
}

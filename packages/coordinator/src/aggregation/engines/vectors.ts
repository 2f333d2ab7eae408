/** What every engine checks of what it is given. */
import { hasZeroPadding, packedLength } from '@tributary/privacy';
import type { SumSection } from './engine.ts';

/** @throws RangeError on another number of sections or bytes, or where padding is not zero: nothing may be added then */
export function checkPackedSections(packed: readonly Uint8Array[], sections: readonly SumSection[]): void {
  if (packed.length !== sections.length) {
    throw new RangeError(`A vector of ${packed.length} sections was added to a sum of ${sections.length}.`);
  }
  packed.forEach((bytes, section) => {
    const { length, bits } = sections[section];
    const expected = packedLength(length, bits);
    if (bytes.length !== expected) {
      throw new RangeError(
        `Section ${section} has ${bytes.length} bytes; ${length} elements of ${bits} bits have ${expected}.`,
      );
    }
    if (!hasZeroPadding(bytes, length, bits)) {
      throw new RangeError(`Section ${section} has bits set behind its last element; they must be zero.`);
    }
  });
}

/** @throws RangeError */
export function checkSeed(seed: Uint8Array): void {
  if (seed.length !== 32) throw new RangeError(`The seed of a keystream has 32 bytes; got ${seed.length}.`);
}

/** @throws RangeError for what is no number of elements */
export function checkLength(length: number): void {
  if (!Number.isSafeInteger(length) || length < 0) throw new RangeError(`${length} is no number of elements.`);
}

/** @throws RangeError on another length */
export function checkVector(vector: Float32Array, length: number): void {
  if (vector.length !== length) throw new RangeError(`A vector of ${vector.length} was added to a sum of ${length}.`);
}

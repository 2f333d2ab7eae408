/** Copies of data sets in memory that all worker threads share, so that a thread costs no copy of the interactions. */
import type { Interactions, Split } from '@tributary/model';

/** A float32 vector of zeros in shared memory. */
export function sharedVector(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));
}

export function shareSplit(split: Split): Split {
  return {
    ...split,
    train: shareInteractions(split.train),
    validation: shareSigned(split.validation),
    test: shareSigned(split.test),
    testNegatives: shareUnsigned(split.testNegatives),
    validationNegatives: shareUnsigned(split.validationNegatives),
  };
}

function shareInteractions(interactions: Interactions): Interactions {
  return {
    ...interactions,
    offsets: shareUnsigned(interactions.offsets),
    items: shareUnsigned(interactions.items),
  };
}

function shareUnsigned(values: Uint32Array): Uint32Array {
  const shared = new Uint32Array(new SharedArrayBuffer(values.byteLength));
  shared.set(values);
  return shared;
}

function shareSigned(values: Int32Array): Int32Array {
  const shared = new Int32Array(new SharedArrayBuffer(values.byteLength));
  shared.set(values);
  return shared;
}

/** A growing list of 32-byte hashes in one buffer: as arrays of their own they would cost ten times their bytes. */
export interface HashList {
  readonly length: number;
  push(hash: Uint8Array): void;
  /** A view; what it shows never changes. */
  at(index: number): Uint8Array;
}

export function createHashList(): HashList {
  let bytes = new Uint8Array(32);
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(hash) {
      if (32 * length === bytes.length) {
        const larger = new Uint8Array(2 * bytes.length);
        larger.set(bytes);
        bytes = larger;
      }
      bytes.set(hash, 32 * length);
      length += 1;
    },
    at: (index) => bytes.subarray(32 * index, 32 * index + 32),
  };
}

/** Seeds that wait on the host for a full batch: those to subtract from the front, those to add from the back. */
import { batchHeaderWords } from './keystream-shader.ts';

const headerBytes = 4 * batchHeaderWords;

export interface SeedBatch {
  /** How many wait. */
  readonly count: number;
  /** Copies a seed. The batch is not full. */
  add(seed: Uint8Array, sign: 1 | -1): void;
  /** As the shader takes it, split into slices of that many seeds; a view, until `wipe`. */
  bytes(slice: number): Uint8Array;
  /** Nothing of any seed is left. */
  wipe(): void;
}

export function createSeedBatch(capacity: number): SeedBatch {
  const bytes = new Uint8Array(headerBytes + 32 * capacity);
  const header = new Uint32Array(bytes.buffer, 0, batchHeaderWords);
  let [minus, plus] = [0, 0];
  return {
    get count() {
      return minus + plus;
    },
    add(seed, sign) {
      if (sign === 1) plus += 1;
      else minus += 1;
      bytes.set(seed, headerBytes + 32 * (sign === 1 ? capacity - plus : minus - 1));
    },
    bytes(slice) {
      header.set([minus, minus + plus, capacity - minus - plus, slice]);
      return bytes;
    },
    wipe() {
      bytes.fill(0);
      [minus, plus] = [0, 0];
    },
  };
}

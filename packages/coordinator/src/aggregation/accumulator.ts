/**
 * The round's one accumulator: contributions are added as they arrive and dropped at once. Memory is one model. It lies in a
 * WebAssembly memory, where a SIMD kernel adds at the speed of memory; without SIMD its twin adds the same bits.
 */
import { addPlain } from './plain-accumulate.ts';
import { createSimdKernel, type SimdKernel } from './simd-kernel.ts';

export interface Accumulator {
  /** The sum so far [size]. A view: it is the same array over the accumulator's life, and its buffer cannot be transferred. */
  readonly values: Float32Array;
  /**
   * values += weight * vector, rounded to float32 after the product and after the sum, on every machine alike.
   * @throws RangeError on a vector of another length
   */
  add(vector: Float32Array, weight: number): void;
  /** Zeroes the sum. */
  reset(): void;
}

/** A vector lies outside of the kernel's memory and passes through here in parts that stay in the second-level cache. */
const stagedFloats = 16_384;
/** Below it the module keeps what is its own. */
const stagingByte = 1024;
const valuesByte = stagingByte + 4 * stagedFloats;

/** An accumulator of `size` zeros. @throws RangeError when the machine has no such memory */
export function createAccumulator(size: number): Accumulator {
  const kernel = createSimdKernel(valuesByte + 4 * size);
  return kernel ? simdAccumulator(size, kernel) : createPlainAccumulator(size);
}

function simdAccumulator(size: number, { accumulate, buffer }: SimdKernel): Accumulator {
  const staging = new Float32Array(buffer, stagingByte, stagedFloats);
  const values = new Float32Array(buffer, valuesByte, size);
  return {
    values,
    add(vector, weight) {
      checkLength(vector, size);
      for (let at = 0; at < size; at += stagedFloats) {
        const part = vector.subarray(at, at + stagedFloats);
        staging.set(part);
        accumulate(valuesByte + 4 * at, stagingByte, part.length, weight);
      }
    },
    reset: () => void values.fill(0),
  };
}

/** The twin in plain TypeScript, for machines without SIMD. */
export function createPlainAccumulator(size: number): Accumulator {
  const values = new Float32Array(size);
  return {
    values,
    add(vector, weight) {
      checkLength(vector, size);
      addPlain(values, vector, weight);
    },
    reset: () => void values.fill(0),
  };
}

function checkLength(vector: Float32Array, size: number): void {
  if (vector.length !== size) throw new RangeError(`A vector of ${vector.length} was added to a sum of ${size}.`);
}

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

/**
 * A vector lies outside of the kernel's memory and passes through here in parts: small enough to be still in cache when they are
 * added, large enough that the calls do not count (measured from 1,024 to 262,144).
 */
const stagedFloats = 262_144;
/** Below it the module keeps what is its own. */
const stagingByte = 1024;

/** An accumulator of `size` zeros. @throws RangeError when the machine has no such memory */
export function createAccumulator(size: number): Accumulator {
  const staged = Math.min(stagedFloats, size);
  // The sum begins at a multiple of 16 bytes, the width of the kernel's loads.
  const valuesByte = stagingByte + 16 * Math.ceil(staged / 4);
  const kernel = createSimdKernel(valuesByte + 4 * size);
  return kernel ? simdAccumulator(size, kernel, staged, valuesByte) : createPlainAccumulator(size);
}

function simdAccumulator(
  size: number,
  { accumulate, buffer }: SimdKernel,
  staged: number,
  valuesByte: number,
): Accumulator {
  const staging = new Float32Array(buffer, stagingByte, staged);
  const values = new Float32Array(buffer, valuesByte, size);
  return {
    values,
    add(vector, weight) {
      checkLength(vector, size);
      for (let at = 0; at < size; at += staged) {
        const part = vector.subarray(at, at + staged);
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

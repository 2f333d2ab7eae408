/** A float32 sum on the CPU: the kernel's accumulator, one copy of the model. */
import { createAccumulator } from '../../accumulator.ts';
import type { FloatSum } from '../engine.ts';
import { createSumState } from '../sum-state.ts';
import { checkLength } from '../vectors.ts';

/** @throws RangeError for what is no length, or without memory */
export function createCpuFloatSum(length: number): FloatSum {
  checkLength(length);
  const state = createSumState();
  let accumulator = createAccumulator(length);
  return {
    length,
    add(vector, weight) {
      state.assertOpen();
      accumulator.add(vector, weight);
    },
    async finish() {
      state.finish();
      return accumulator.values.slice();
    },
    reset() {
      state.reset();
      accumulator.reset();
    },
    async close() {
      state.close();
      accumulator = createAccumulator(0);
    },
  };
}

import type { NativeFloatSum, NativeFloatSums } from '@tributary/model/tfjs';
import type { FloatSum } from '../engine.ts';
import { createSumState } from '../sum-state.ts';
import { checkVector } from '../vectors.ts';
import { tensorflowError } from './tensorflow-error.ts';

/** @throws EngineError 'out-of-memory' */
export function createTensorflowFloatSum(length: number, sums: NativeFloatSums, onClose: () => void): FloatSum {
  const state = createSumState();
  const sum = failingAsEngine(() => sums.create(length));
  return {
    length,
    add(vector, weight) {
      state.assertOpen();
      checkVector(vector, length);
      failingAsEngine(() => sum.add(vector, weight));
    },
    async finish() {
      state.finish();
      return failingAsEngine(() => sum.read());
    },
    reset() {
      state.reset();
      failingAsEngine(() => resetOrClose(sum));
    },
    async close() {
      state.close();
      sum.dispose();
      onClose();
    },
  };

  /** A sum that could not be zeroed is none. */
  function resetOrClose(native: NativeFloatSum): void {
    try {
      native.reset();
    } catch (error) {
      state.close();
      native.dispose();
      throw error;
    }
  }
}

function failingAsEngine<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw tensorflowError(error);
  }
}

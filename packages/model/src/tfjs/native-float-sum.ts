/** Weighted sums of float32 vectors on TensorFlow.js's native backend. */
import * as tf from '@tensorflow/tfjs';
import { loadNativeBackend, nativeBackendUsesGpu, onNativeBackend } from './native-backend.ts';

/** TensorFlow.js hands a dimension over in 31 bits; what is longer comes out empty, without an error. */
export const longestNativeSum = 2 ** 31 - 1;

export interface NativeFloatSum {
  /**
   * sum += weight * vector, rounded to float32 after the product and after the sum. TensorFlow has no subnormal numbers: what is below
   * 2^-126, of the vector, the weight, the product or the sum, counts as zero. Where it throws, the sum is what it was.
   * @param vector [length], which is the caller's again when this returns
   * @throws Error of TensorFlow, without memory for instance
   */
  add(vector: Float32Array, weight: number): void;
  /** The sum [length], a copy. */
  read(): Float32Array;
  /** Zeroes the sum. Throws as `add` does. */
  reset(): void;
  /** May be called again. */
  dispose(): void;
}

export interface NativeFloatSums {
  /** Whether a GPU does the work. */
  readonly gpu: boolean;
  /**
   * A sum of zeros.
   * @param length at most `longestNativeSum`
   * @throws Error of TensorFlow, without memory for instance
   */
  create(length: number): NativeFloatSum;
}

/**
 * Loads the native backend and adds two numbers on it, so that one which loads and cannot compute is not taken.
 * @throws Error that says in its first line why it cannot be used
 */
export async function loadNativeFloatSums(): Promise<NativeFloatSums> {
  await loadNativeBackend();
  const trial = createNativeFloatSum(1);
  try {
    trial.add(Float32Array.of(3), 0.5);
    const [sum] = trial.read();
    if (sum !== 1.5) throw new Error(`half of 3 is ${sum} on it`);
  } finally {
    trial.dispose();
  }
  return { gpu: nativeBackendUsesGpu(), create: createNativeFloatSum };
}

function createNativeFloatSum(length: number): NativeFloatSum {
  const zeros = () => onNativeBackend(() => tf.fill([length], 0));
  let sum = zeros();
  const replaceBy = (next: tf.Tensor) => {
    sum.dispose();
    sum = next;
  };
  return {
    add(vector, weight) {
      replaceBy(onNativeBackend(() => sumWith(sum, vector, weight)));
    },
    read: () => onNativeBackend(() => sum.dataSync<'float32'>()),
    reset: () => replaceBy(zeros()),
    dispose: () => sum.dispose(),
  };
}

/** Two operations and no fused one, as each rounds. The vector is freed before the sum is made: three are in memory, not four. */
function sumWith(sum: tf.Tensor, vector: Float32Array, weight: number): tf.Tensor {
  const product = tf.tidy(() => tf.mul(tf.tensor1d(vector), tf.scalar(weight)));
  try {
    return tf.add(sum, product);
  } finally {
    product.dispose();
  }
}

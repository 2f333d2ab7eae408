/**
 * A kernel for UnsortedSegmentSum on TensorFlow.js's cpu backend. The stock one builds a mask over all of x for each segment,
 * O(segments x elements); as it is the gradient of every gather, and so of every embedding, that is nearly all the time of a
 * training step. This one adds each row to its segment, O(elements).
 */
import * as tf from '@tensorflow/tfjs';

/** What this kernel uses of the cpu backend. */
interface CpuBackend {
  readSync(dataId: object): tf.TypedArray;
  makeTensorInfo(shape: number[], dtype: 'float32' | 'int32', values: tf.TypedArray): tf.TensorInfo;
}

/** Sums rows of x [ids.length, rowSize] by segment id into [segments, rowSize]; ids outside [0, segments) are left out. */
export function segmentSum(
  x: tf.TypedArray,
  ids: tf.TypedArray,
  segments: number,
  rowSize: number,
): Float32Array<ArrayBuffer> {
  const sums = new Float32Array(segments * rowSize);
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row];
    if (id < 0 || id >= segments) continue;
    const from = row * rowSize;
    const to = id * rowSize;
    for (let k = 0; k < rowSize; k++) sums[to + k] += x[from + k];
  }
  return sums;
}

/**
 * Puts the kernel in place of the stock one of the cpu backend.
 * @returns a function that puts the stock kernel back
 */
export function registerSegmentSumKernel(): () => void {
  const stock = tf.getKernel(tf.UnsortedSegmentSum, 'cpu');
  const replace = (config: tf.KernelConfig) => {
    tf.unregisterKernel(tf.UnsortedSegmentSum, 'cpu');
    tf.registerKernel(config);
  };
  replace({
    kernelName: tf.UnsortedSegmentSum,
    backendName: 'cpu',
    kernelFunc: ({ inputs, backend, attrs }) => {
      const { x, segmentIds } = inputs as { x: tf.TensorInfo; segmentIds: tf.TensorInfo };
      const segments = (attrs as { numSegments: number }).numSegments;
      const cpu = backend as CpuBackend;
      const rest = x.shape.slice(segmentIds.shape.length);
      const rowSize = rest.reduce((size, dimension) => size * dimension, 1);
      const sums = segmentSum(cpu.readSync(x.dataId), cpu.readSync(segmentIds.dataId), segments, rowSize);
      const dtype = x.dtype === 'int32' ? 'int32' : 'float32';
      return cpu.makeTensorInfo([segments, ...rest], dtype, dtype === 'int32' ? Int32Array.from(sums) : sums);
    },
  });
  return () => replace(stock);
}

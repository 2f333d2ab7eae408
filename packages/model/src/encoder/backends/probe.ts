import * as tf from '@tensorflow/tfjs';

/** Rows, width and number of the products that a backend is timed on: a small encoder's layer or two. */
const rows = 64;
const width = 256;
const products = 8;
const turns = 3;

/** Milliseconds that TensorFlow.js's current backend takes for a few products and an activation, the fastest of three after a first. */
export async function probeMilliseconds(): Promise<number> {
  const weights = tf.tidy(() =>
    tf
      .sin(tf.range(0, width * width))
      .div<tf.Tensor1D>(width)
      .reshape([width, width]),
  );
  const run = async () => {
    const result = tf.tidy(() => {
      let state = tf.ones([rows, width]);
      for (let product = 0; product < products; product++) state = tf.erf(tf.matMul(state, weights));
      return state.sum();
    });
    await result.data();
    result.dispose();
  };
  try {
    // The first compiles: shaders take long, and once.
    await run();
    let fastest = Number.POSITIVE_INFINITY;
    for (let turn = 0; turn < turns; turn++) {
      const began = performance.now();
      await run();
      fastest = Math.min(fastest, performance.now() - began);
    }
    return fastest;
  } finally {
    weights.dispose();
  }
}

/**
 * The differentiable operations of an encoder layer. Frozen weights get no gradient, and a gradient keeps as little as it can
 * until the way back: a projection nothing, an activation its input, a LayerNorm its normalised input.
 */
import * as tf from '@tensorflow/tfjs';

/** x [rows, inputs] times a frozen kernel [inputs, outputs], plus a frozen bias [outputs] where there is one. */
export function project(x: tf.Tensor2D, kernel: tf.Tensor2D, bias?: tf.Tensor1D): tf.Tensor2D {
  return tf.customGrad((input) => ({
    value: tf.fused.matMul({ a: input as tf.Tensor2D, b: kernel, ...(bias && { bias }) }),
    // An explicit transpose: wasm's fast matrix product takes no transposed factor.
    gradFunc: (gradient: tf.Tensor) => tf.tidy(() => tf.matMul(gradient as tf.Tensor2D, tf.transpose(kernel))),
  }))(x) as tf.Tensor2D;
}

/** The same where the kernel is trained: a gradient for it too, which keeps x until the way back. */
export function projectTrained(x: tf.Tensor2D, kernel: tf.Tensor2D, bias?: tf.Tensor1D): tf.Tensor2D {
  return tf.customGrad((input, factor, save) => {
    const [a, b] = [input, factor] as tf.Tensor2D[];
    (save as tf.GradSaveFunc)([a, b]);
    return {
      value: tf.fused.matMul({ a, b, ...(bias && { bias }) }),
      gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) => {
        const [rows, weights] = saved as tf.Tensor2D[];
        return [
          tf.tidy(() => tf.matMul(gradient as tf.Tensor2D, tf.transpose(weights))),
          tf.tidy(() => tf.matMul(tf.transpose(rows), gradient as tf.Tensor2D)),
        ];
      },
    };
  })(x, kernel) as tf.Tensor2D;
}

/** x / sigma over the last axis, centred: LayerNorm without scale and shift (Ba et al. 2016). */
export function standardise(x: tf.Tensor2D, epsilon: number): tf.Tensor2D {
  return tf.customGrad((input, save) => {
    const [value, scale] = tf.tidy(() => {
      const centred = tf.sub(input as tf.Tensor, tf.mean(input as tf.Tensor, -1, true));
      const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
      return [tf.mul(centred, inverse), inverse];
    });
    (save as tf.GradSaveFunc)([value, scale]);
    return {
      value,
      gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) =>
        tf.tidy(() => {
          const [y, inverse] = saved;
          const along = tf.mul(y, tf.mean(tf.mul(gradient, y), -1, true));
          return tf.mul(tf.sub(tf.sub(gradient, tf.mean(gradient, -1, true)), along), inverse);
        }),
    };
  })(x) as tf.Tensor2D;
}

const sqrtHalf = Math.SQRT1_2;
const inverseSqrtTau = 1 / Math.sqrt(2 * Math.PI);

/** x * Phi(x), Phi the normal distribution function by erf (Hendrycks and Gimpel 2016). */
export function gelu(x: tf.Tensor2D): tf.Tensor2D {
  const distribution = (input: tf.Tensor) => tf.mul(tf.add(tf.erf(tf.mul(input, sqrtHalf)), 1), 0.5);
  return tf.customGrad((input, save) => {
    (save as tf.GradSaveFunc)([input as tf.Tensor]);
    return {
      value: tf.tidy(() => tf.mul(input as tf.Tensor, distribution(input as tf.Tensor))),
      gradFunc: (gradient: tf.Tensor, [saved]: tf.Tensor[]) =>
        tf.tidy(() => {
          const density = tf.mul(tf.exp(tf.mul(tf.square(saved), -0.5)), inverseSqrtTau);
          return tf.mul(gradient, tf.add(distribution(saved), tf.mul(saved, density)));
        }),
    };
  })(x) as tf.Tensor2D;
}

const tanhScale = Math.sqrt(2 / Math.PI);

/** GPT-2's GELU, by tanh. */
export function geluNew(x: tf.Tensor2D): tf.Tensor2D {
  const inner = (input: tf.Tensor) =>
    tf.tanh(tf.mul(tf.mul(input, tf.add(tf.mul(tf.square(input), 0.044715), 1)), tanhScale));
  return tf.customGrad((input, save) => {
    (save as tf.GradSaveFunc)([input as tf.Tensor]);
    return {
      value: tf.tidy(() => tf.mul(tf.mul(input as tf.Tensor, tf.add(inner(input as tf.Tensor), 1)), 0.5)),
      gradFunc: (gradient: tf.Tensor, [saved]: tf.Tensor[]) =>
        tf.tidy(() => {
          const t = inner(saved);
          const slope = tf.mul(tf.add(tf.mul(tf.square(saved), 3 * 0.044715), 1), tanhScale);
          const bent = tf.mul(tf.mul(saved, tf.sub(1, tf.square(t))), slope);
          return tf.mul(gradient, tf.mul(tf.add(tf.add(t, 1), bent), 0.5));
        }),
    };
  })(x) as tf.Tensor2D;
}

export const activations = { gelu, 'gelu-new': geluNew, relu: (x: tf.Tensor2D) => tf.relu(x) } as const;

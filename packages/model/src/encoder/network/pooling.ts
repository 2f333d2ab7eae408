/** One vector for a text from the hidden states of its tokens. */
import * as tf from '@tensorflow/tfjs';
import type { EncoderConfiguration } from '../configuration.ts';
import type { TokenBatch } from '../tokenizer.ts';

type Pooling = Pick<EncoderConfiguration, 'pooling' | 'normalise'>;

/**
 * Hidden states [size * length, hidden] to embeddings [size, hidden]: the mean over the mask's positions, the first position
 * or the last one of the mask, then divided by the L2 norm where the configuration says so. A text with no token gives 0.
 */
export function pool({ pooling, normalise }: Pooling, hidden: tf.Tensor2D, batch: TokenBatch): tf.Tensor2D {
  return tf.tidy(() => {
    const { size, length } = batch;
    const weights = tf.tensor3d(poolingWeights(pooling, batch), [size, length, 1]);
    // A weighted sum serves all three: no gather, whose gradient is slow or missing on some backends.
    const pooled = tf.sum(tf.mul(tf.reshape(hidden, [size, length, -1]), weights), 1) as tf.Tensor2D;
    if (!normalise) return pooled;
    const norm = tf.sqrt(tf.maximum(tf.sum(tf.square(pooled), 1, true), 1e-24));
    return tf.div(pooled, norm);
  });
}

function poolingWeights(pooling: Pooling['pooling'], { size, length, mask }: TokenBatch): Float32Array {
  const weights = new Float32Array(size * length);
  for (let text = 0; text < size; text++) {
    const row = text * length;
    let tokens = 0;
    let last = 0;
    for (let position = 0; position < length; position++) {
      if (mask[row + position] === 0) continue;
      tokens++;
      last = position;
    }
    if (tokens === 0) continue;
    if (pooling === 'cls') weights[row] = 1;
    else if (pooling === 'last') weights[row + last] = 1;
    else for (let position = 0; position < length; position++) weights[row + position] = mask[row + position] / tokens;
  }
  return weights;
}

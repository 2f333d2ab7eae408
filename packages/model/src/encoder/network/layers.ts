/** Encoder layers: post-LayerNorm (BERT: Devlin et al. 2018) and pre-LayerNorm with a causal mask (GPT-2: Radford et al. 2019). */
import * as tf from '@tensorflow/tfjs';
import type { EncoderConfiguration } from '../configuration.ts';
import { layerModules } from './module-names.ts';
import type { Modules } from './modules.ts';
import { activations } from './operations.ts';

/** Sizes of a batch, and its additive mask [size, 1, length or 1, length]: 0 where attention may go, a large negative elsewhere. */
export interface BatchShape {
  readonly size: number;
  readonly length: number;
  readonly mask: tf.Tensor;
}

/** One layer: hidden states [size * length, hidden] to the same. */
export function encoderLayer(
  configuration: EncoderConfiguration,
  modules: Modules,
  layer: number,
  x: tf.Tensor2D,
  batch: BatchShape,
): tf.Tensor2D {
  const names = layerModules(configuration, layer);
  const norm = (module: string, input: tf.Tensor2D) => modules.norm(module, input, configuration.layerNormEpsilon);
  const feedForward = (input: tf.Tensor2D) =>
    tf.tidy(() =>
      modules.linear(names.output, activations[configuration.activation](modules.linear(names.intermediate, input))),
    );
  const attend = (input: tf.Tensor2D) => attention(configuration, modules, layer, input, batch);
  return tf.tidy(() => {
    if (configuration.family === 'gpt2') {
      const attended = tf.add<tf.Tensor2D>(x, attend(norm(names.attentionNorm, x)));
      return tf.add<tf.Tensor2D>(attended, feedForward(norm(names.outputNorm, attended)));
    }
    const attended = norm(names.attentionNorm, tf.add(x, attend(x)));
    return norm(names.outputNorm, tf.add(attended, feedForward(attended)));
  });
}

/** Multi-head scaled dot-product attention (Vaswani et al. 2017) with its output projection. */
function attention(
  configuration: EncoderConfiguration,
  modules: Modules,
  layer: number,
  x: tf.Tensor2D,
  { size, length, mask }: BatchShape,
): tf.Tensor2D {
  const { heads, hiddenSize } = configuration;
  const width = hiddenSize / heads;
  const names = layerModules(configuration, layer);
  return tf.tidy(() => {
    const split = (states: tf.Tensor) => tf.transpose(tf.reshape(states, [size, length, heads, width]), [0, 2, 1, 3]);
    const [query, key, value] =
      names.attentionInputs.length === 1
        ? (tf.split(modules.linear(names.attentionInputs[0], x), 3, 1) as tf.Tensor2D[])
        : names.attentionInputs.map((name) => modules.linear(name, x));
    const scores = tf.matMul(split(tf.mul(query, 1 / Math.sqrt(width))), split(key), false, true);
    const context = tf.matMul(tf.softmax(tf.add(scores, mask)), split(value));
    const joined = tf.reshape(tf.transpose(context, [0, 2, 1, 3]), [size * length, hiddenSize]);
    return modules.linear(names.attentionOutput, joined as tf.Tensor2D);
  });
}

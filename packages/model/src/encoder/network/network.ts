/** A text encoder on TensorFlow.js: token batches to embeddings, as tensors (differentiable) or as numbers. */
import * as tf from '@tensorflow/tfjs';
import type { EncoderConfiguration } from '../configuration.ts';
import type { TokenBatch } from '../tokenizer.ts';
import { attentionMask, embeddings } from './embeddings.ts';
import { encoderLayer } from './layers.ts';
import { type Adaptation, createModules, type FrozenWeights } from './modules.ts';
import { pool } from './pooling.ts';

export interface EncoderNetwork {
  readonly configuration: EncoderConfiguration;
  /** Length of an embedding. */
  readonly width: number;
  /** Frozen; disposed of with the network. */
  readonly weights: FrozenWeights;
  /** Hidden states [size * length, hidden] after layers 0 to `layers` - 1, which is the input of layer `layers`. */
  readonly below: (batch: TokenBatch, layers: number, adaptation?: Adaptation) => tf.Tensor2D;
  /** From the hidden states before layer `layers` to the embeddings [size, width]; differentiable. */
  readonly above: (hidden: tf.Tensor2D, batch: TokenBatch, layers: number, adaptation?: Adaptation) => tf.Tensor2D;
  /** The hidden states that pooling sees, [size * length, hidden]. */
  readonly lastHidden: (batch: TokenBatch, adaptation?: Adaptation) => tf.Tensor2D;
  /** Embeddings [size * width]. */
  readonly encode: (batch: TokenBatch, adaptation?: Adaptation) => Promise<Float32Array>;
  readonly dispose: () => void;
}

export function createNetwork(configuration: EncoderConfiguration, weights: FrozenWeights): EncoderNetwork {
  const run = (hidden: tf.Tensor2D, batch: TokenBatch, from: number, to: number, adaptation?: Adaptation) =>
    tf.tidy(() => {
      const modules = createModules(weights, adaptation);
      const shape = { size: batch.size, length: batch.length, mask: attentionMask(configuration, batch) };
      let states = hidden;
      for (let layer = from; layer < to; layer++) {
        const before = states;
        states = encoderLayer(configuration, modules, layer, before, shape);
        // Without a way back, a layer's input is not needed again; a gradient keeps what it needs itself.
        if (layer > from) before.dispose();
      }
      return states;
    });
  const below: EncoderNetwork['below'] = (batch, layers, adaptation) =>
    tf.tidy(() =>
      run(embeddings(configuration, createModules(weights, adaptation), batch), batch, 0, layers, adaptation),
    );
  const finish = (hidden: tf.Tensor2D, adaptation?: Adaptation): tf.Tensor2D =>
    configuration.family === 'gpt2'
      ? createModules(weights, adaptation).norm('ln_f', hidden, configuration.layerNormEpsilon)
      : hidden;
  const above: EncoderNetwork['above'] = (hidden, batch, layers, adaptation) =>
    tf.tidy(() => {
      const last = run(hidden, batch, layers, configuration.layers, adaptation);
      return pool(configuration, finish(last, adaptation), batch);
    });
  return {
    configuration,
    width: configuration.hiddenSize,
    weights,
    below,
    above,
    lastHidden: (batch, adaptation) =>
      tf.tidy(() => finish(below(batch, configuration.layers, adaptation), adaptation)),
    encode: async (batch, adaptation) => {
      const embedded = tf.tidy(() => above(below(batch, 0, adaptation), batch, 0, adaptation));
      const values = (await embedded.data()) as Float32Array;
      embedded.dispose();
      return values;
    },
    dispose: () => tf.dispose([...weights.values()]),
  };
}

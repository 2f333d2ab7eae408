/** What goes into the first layer: token, position and type embeddings, and the additive attention mask. */
import * as tf from '@tensorflow/tfjs';
import type { EncoderConfiguration } from '../configuration.ts';
import type { TokenBatch } from '../tokenizer.ts';
import type { Modules } from './modules.ts';

/** Hidden states [size * length, hidden] before the first layer. Padded positions hold values that no mask lets through. */
export function embeddings(configuration: EncoderConfiguration, modules: Modules, batch: TokenBatch): tf.Tensor2D {
  const { size, length } = batch;
  return tf.tidy(() => {
    const look = (table: string, ids: Int32Array) =>
      tf.gather(modules.weight(table), tf.tensor1d(ids, 'int32')) as tf.Tensor2D;
    const addPositions = (table: string, first: number, states: tf.Tensor) => {
      const positions = tf.slice(modules.weight(table), [first, 0], [length, -1]);
      return tf.reshape(tf.add(tf.reshape(states, [size, length, -1]), positions), [size * length, -1]);
    };
    if (configuration.family === 'gpt2')
      return addPositions('wpe.weight', 0, look('wte.weight', batch.ids)) as tf.Tensor2D;
    const words = look('embeddings.word_embeddings.weight', batch.ids);
    const types =
      configuration.typeVocabularySize > 0
        ? tf.add(words, look('embeddings.token_type_embeddings.weight', batch.typeIds))
        : words;
    const placed = addPositions('embeddings.position_embeddings.weight', configuration.firstPosition, types);
    const normed = modules.norm('embeddings.LayerNorm', placed as tf.Tensor2D, configuration.layerNormEpsilon);
    const narrow = configuration.embeddingSize !== configuration.hiddenSize;
    return narrow ? modules.linear('embeddings_project', normed) : normed;
  });
}

/** Small enough that its exponential is 0, large enough that adding it to a score stays finite in float32. */
const excluded = -1e9;

/** 0 where attention may go: [size, 1, 1, length], or [size, 1, length, length] where no position sees a later one. */
export function attentionMask(configuration: EncoderConfiguration, { size, length, mask }: TokenBatch): tf.Tensor {
  if (configuration.family === 'bert') {
    const values = Float32Array.from(mask, (kept) => (kept === 0 ? excluded : 0));
    return tf.tensor4d(values, [size, 1, 1, length]);
  }
  const values = new Float32Array(size * length * length);
  for (let text = 0; text < size; text++) {
    for (let from = 0; from < length; from++) {
      for (let to = 0; to < length; to++) {
        const open = to <= from && mask[text * length + to] !== 0;
        values[(text * length + from) * length + to] = open ? 0 : excluded;
      }
    }
  }
  return tf.tensor4d(values, [size, 1, length, length]);
}

/** An adapter's training on fixed texts: encodings and vector-Jacobian products, layer by layer no more than needed. */
import * as tf from '@tensorflow/tfjs';
import type { TrainableEncoder } from '../../encodings/trainable-encoder.ts';
import { type Adapter, adaptationOf, initialParameters, ownWeight } from '../adapters/adapter.ts';
import type { EncoderNetwork } from '../network/network.ts';
import type { TokenBatch } from '../tokenizer.ts';
import { type MicroBatch, microBatches, textLengths } from './micro-batches.ts';

export interface TrainingOptions {
  /** Most tokens of one pass, with padding; 128 by default. Memory of the way back grows with it. */
  readonly tokensPerBatch?: number;
}

/**
 * Encodings of these texts as a function of the adapter. What the layers below the first adapted one make of a text is computed
 * once, when it is first asked for, and kept: 4 * tokens * hidden bytes a text, so that an adapter on the last layers pays for
 * these alone. On TensorFlow.js's current backend, which must read synchronously (cpu, wasm, webgl, tensorflow). The network
 * stays the caller's.
 */
export function createTrainableEncoder(
  network: EncoderNetwork,
  adapter: Adapter,
  texts: TokenBatch,
  { tokensPerBatch = 128 }: TrainingOptions = {},
): TrainableEncoder {
  const { width } = network;
  const hiddenSize = network.configuration.hiddenSize;
  const lengths = textLengths(texts);
  const everyRow = Uint32Array.from({ length: texts.size }, (_, row) => row);
  const cached = new Map<number, Float32Array>();
  let steps = 0;

  /** The input of the first adapted layer. */
  const hiddenOf = ({ places, batch }: MicroBatch, rows: Uint32Array): tf.Tensor2D => {
    if (adapter.firstLayer === 0) return network.below(batch, 0);
    const missing = [...new Set(places.map((place) => rows[place]).filter((row) => !cached.has(row)))];
    for (const { places: own, batch: uncached } of microBatches(texts, lengths, missing, tokensPerBatch)) {
      const states = network.below(uncached, adapter.firstLayer);
      const values = states.dataSync() as Float32Array;
      states.dispose();
      const stride = uncached.length * hiddenSize;
      own.forEach((place, text) => {
        const row = missing[place];
        cached.set(row, values.slice(text * stride, text * stride + lengths[row] * hiddenSize));
      });
    }
    const values = new Float32Array(batch.size * batch.length * hiddenSize);
    places.forEach((place, text) => {
      values.set(cached.get(rows[place]) as Float32Array, text * batch.length * hiddenSize);
    });
    return tf.tensor2d(values, [batch.size * batch.length, hiddenSize]);
  };

  return {
    width,
    texts: texts.size,
    adapterTensors: adapter.layout.tensors.map(({ name, shape }) => ({ name, shape })),
    initialAdapter: (seed) => initialParameters(adapter, seed, (name) => ownWeight(network.weights, name)),
    encode: (parameters, rows = everyRow) => {
      checkRows(rows, texts.size);
      const encodings = new Float32Array(rows.length * width);
      tf.tidy(() => {
        const adaptation = adaptationOf(adapter, parameters);
        for (const micro of microBatches(texts, lengths, rows, tokensPerBatch)) {
          const values = tf.tidy(() =>
            network.above(hiddenOf(micro, rows), micro.batch, adapter.firstLayer, adaptation).dataSync(),
          );
          micro.places.forEach((place, text) => {
            encodings.set(values.subarray(text * width, (text + 1) * width), place * width);
          });
        }
      });
      return encodings;
    },
    gradient: (parameters, outputGradient, rows = everyRow) => {
      checkRows(rows, texts.size);
      if (outputGradient.length !== rows.length * width) {
        throw new RangeError(
          `The gradient of ${rows.length} encodings has ${outputGradient.length} values; expected ${rows.length * width}.`,
        );
      }
      const sum = new Float32Array(adapter.layout.size);
      const dropoutSeed = steps++;
      tf.tidy(() => {
        const adaptation = adaptationOf(adapter, parameters, dropoutSeed);
        const trained = adapter.layout.tensors.map(({ name }) => adaptation.tensors.get(name) as tf.Tensor);
        for (const micro of microBatches(texts, lengths, rows, tokensPerBatch)) {
          tf.tidy(() => {
            const hidden = hiddenOf(micro, rows);
            const toEmbeddings = (...changed: tf.Tensor[]) => {
              const tensors = new Map(adaptation.tensors);
              adapter.layout.tensors.forEach(({ name }, index) => tensors.set(name, changed[index]));
              return network.above(hidden, micro.batch, adapter.firstLayer, { ...adaptation, tensors });
            };
            const outer = tf.tensor2d(selectRows(outputGradient, micro.places, width), [micro.places.length, width]);
            tf.grads(toEmbeddings)(trained, outer).forEach((gradient, index) => {
              add(sum, gradient.dataSync(), adapter.layout.tensors[index].offset);
            });
          });
        }
      });
      return sum;
    },
  };
}

function checkRows(rows: Uint32Array, texts: number): void {
  const outside = rows.find((row) => row >= texts);
  if (outside !== undefined) throw new RangeError(`There is no text ${outside}; there are ${texts}, counted from 0.`);
}

function selectRows(values: Float32Array, rows: readonly number[], width: number): Float32Array {
  const selected = new Float32Array(rows.length * width);
  rows.forEach((row, index) => {
    selected.set(values.subarray(row * width, (row + 1) * width), index * width);
  });
  return selected;
}

function add(sum: Float32Array, values: ArrayLike<number>, offset: number): void {
  for (let i = 0; i < values.length; i++) sum[offset + i] += values[i];
}

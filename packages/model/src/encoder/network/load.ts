/** A network from its weights: every tensor is read, checked and made once. */
import * as tf from '@tensorflow/tfjs';
import type { EncoderConfiguration } from '../configuration.ts';
import { EncoderError } from '../error.ts';
import type { WeightSource } from '../weights.ts';
import { createNetwork, type EncoderNetwork } from './network.ts';
import { type RequiredWeight, requiredWeights } from './required-weights.ts';

/** Models saved with a head on top carry one of these before each name. */
const prefixes = ['', 'bert.', 'roberta.', 'distilbert.', 'electra.', 'transformer.', '0.auto_model.'];

/**
 * Makes a network on TensorFlow.js's current backend. The caller disposes of it.
 * @throws EncoderError 'missing-tensor' or 'malformed' where a weight is missing or has another shape, 'not-finite' where one
 * holds NaN or an infinity; nothing stays in memory then.
 */
export async function loadNetwork(configuration: EncoderConfiguration, weights: WeightSource): Promise<EncoderNetwork> {
  const required = requiredWeights(configuration);
  const prefix = weightPrefix(configuration, weights);
  const tensors = new Map<string, tf.Tensor>();
  try {
    for (const weight of required) tensors.set(weight.name, await readWeight(weights, prefix + weight.name, weight));
  } catch (error) {
    tf.dispose([...tensors.values()]);
    throw error;
  }
  return createNetwork(configuration, tensors);
}

/** What stands before the names of `requiredWeights` in these weights; '' where nothing does, or they are not there. */
export function weightPrefix(configuration: EncoderConfiguration, { names }: WeightSource): string {
  const [first] = requiredWeights(configuration);
  return prefixes.find((candidate) => names.includes(candidate + first.name)) ?? '';
}

async function readWeight(
  source: WeightSource,
  name: string,
  { shape, transposed }: RequiredWeight,
): Promise<tf.Tensor> {
  const found = source.shapeOf(name);
  if (!found || found.join() !== shape.join()) {
    throw new EncoderError({
      code: 'malformed',
      problem: found ? `the weight ${name} has shape [${found.join(', ')}]` : `the weight ${name} is missing`,
      expected: `shape [${shape.join(', ')}], as config.json says`,
      remedy: 'Take config.json and the weights of one and the same model.',
    });
  }
  const values = await source.read(name);
  if (!values.every(Number.isFinite)) {
    throw new EncoderError({
      code: 'not-finite',
      problem: `the weight ${name} holds NaN or an infinity`,
      expected: 'finite numbers',
      remedy: 'Download the model again, or choose another one.',
    });
  }
  if (!transposed) return tf.tensor(values, [...shape]);
  const [outputs, inputs] = shape;
  return tf.tensor(transpose(values, outputs, inputs), [inputs, outputs]);
}

/** [rows, columns] to [columns, rows]. */
export function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) turned[column * rows + row] = values[row * columns + column];
  }
  return turned;
}

/** A student learns its teacher's embeddings of texts (Hinton et al. 2015; Reimers and Gurevych 2020 for sentences). */
import type { TrainableEncoder } from '../../encodings/trainable-encoder.ts';
import { seededRandom, shuffle } from '../../random/seeded.ts';
import { createAdam } from '../../recommender/local-sgd/adam.ts';
import type { OwnWeightsSettings } from '../adapters/settings.ts';
import { EncoderError } from '../error.ts';
import { cosineLoss } from './cosine-loss.ts';

/** Whole layers are trained; embeddings stay the teacher's. */
export const wholeLayers: OwnWeightsSettings = { kind: 'own-weights', norms: true, biases: true, matrices: true };

export interface DistillationSettings {
  /** Passes over the texts, >= 1. */
  readonly epochs: number;
  /** Texts of a step, >= 1. */
  readonly batchSize: number;
  /** Of Adam, > 0. */
  readonly learningRate: number;
  /** Of the order of the texts. */
  readonly seed: number;
}

export interface DistillationOptions {
  /** @param loss mean of 1 - cosine over the step's texts, before the step */
  readonly onStep?: (done: number, total: number, loss: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Moves a student's parameters by Adam so that each text's embedding points where the teacher's does.
 * @param student its adapter being `wholeLayers`, or whatever is to be trained
 * @param targets the teacher's embeddings [texts * width] of all of the student's texts
 * @param rows the texts that are learned from; others stay unseen
 * @returns the trained parameters
 * @throws RangeError where targets are not the texts', EncoderError 'not-finite' where training diverges; the signal's reason on an abort
 */
export async function distil(
  student: TrainableEncoder,
  targets: Float32Array,
  rows: Uint32Array,
  { epochs, batchSize, learningRate, seed }: DistillationSettings,
  { onStep, signal }: DistillationOptions = {},
): Promise<Float32Array> {
  const { width } = student;
  if (targets.length !== student.texts * width) {
    throw new RangeError(`${targets.length} target values were given for ${student.texts} texts of width ${width}.`);
  }
  const parameters = student.initialAdapter(seed);
  const random = seededRandom(seed);
  const perEpoch = Math.ceil(rows.length / batchSize);
  const total = epochs * perEpoch;
  const step = createAdam(parameters.length, { learningRate, beta2: 0.999 });
  let done = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = shuffle(rows.slice(), random);
    for (let from = 0; from < order.length; from += batchSize) {
      // Lets a signal and the display have their turn: a step is synchronous.
      await new Promise((resolve) => setTimeout(resolve, 0));
      signal?.throwIfAborted();
      const batch = order.slice(from, from + batchSize);
      const outputs = student.encode(parameters, batch);
      const { loss, gradient } = cosineLoss(outputs, selectRows(targets, batch, width), width);
      if (!Number.isFinite(loss)) throw diverged(done, learningRate);
      step(parameters, student.gradient(parameters, gradient, batch));
      onStep?.(++done, total, loss);
    }
  }
  return parameters;
}

function diverged(steps: number, learningRate: number): EncoderError {
  return new EncoderError({
    code: 'not-finite',
    problem: `after ${steps} steps at the learning rate ${learningRate} the embeddings are no numbers`,
    expected: 'a loss that falls',
    remedy: 'Take a smaller learning rate.',
  });
}

function selectRows(values: Float32Array, rows: Uint32Array, width: number): Float32Array {
  const selected = new Float32Array(rows.length * width);
  rows.forEach((row, at) => {
    selected.set(values.subarray(row * width, (row + 1) * width), at * width);
  });
  return selected;
}

/** Fitting the private vector for recommending. Local and free of bytes, so it may cost more than a round's reconstruction. */
import { sampleNegatives } from '../../data/negatives.ts';
import { shuffle } from '../../random/seeded.ts';
import type { TrainingRandom } from '../recommender.ts';
import type { LocalSgdModel } from './model.ts';
import { type FrozenScorer, reconstruct } from './scorer.ts';

/** Passes of a fit, for each pass of local training. */
const passFactor = 4;

/**
 * Minibatch SGD from `start` on the loss of local training with fresh negatives in every pass and a step size that falls to
 * zero linearly.
 *
 * @param positives distinct items; none gives `start`; zero, the default, scores by item alone
 */
export function fitPrivateVector(
  model: Pick<LocalSgdModel, 'privateSize' | 'itemCount' | 'local'>,
  scorer: FrozenScorer,
  positives: Uint32Array,
  random: TrainingRandom,
  start: Float32Array = new Float32Array(model.privateSize),
): Float32Array {
  const vector = start.slice();
  if (positives.length === 0 || positives.length >= model.itemCount) return vector;
  const { local } = model;
  const passes = passFactor * (local.reconstructionEpochs + local.epochs);
  const slots = new Uint32Array(positives.length * (1 + local.negativesPerPositive));
  const labels = new Float32Array(slots.length);
  const order = Uint32Array.from(slots, (_, e) => e);
  const count = slots.length - positives.length;
  for (let pass = 0; pass < passes; pass++) {
    const negatives = sampleNegatives(positives, model.itemCount, count, random);
    shuffle(order, random);
    for (let e = 0; e < order.length; e++) {
      const isPositive = order[e] < positives.length;
      slots[e] = isPositive ? positives[order[e]] : negatives[order[e] - positives.length];
      labels[e] = isPositive ? 1 : 0;
    }
    const privateLearningRate = local.privateLearningRate * (1 - pass / passes);
    reconstruct(scorer, vector, slots, labels, { ...local, privateLearningRate });
  }
  return vector;
}

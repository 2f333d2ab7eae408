/**
 * Federated evaluation: a device ranks its own held-out interaction with the model that it downloaded, before it trains, and
 * reports metrics only into the round's sum. Rankings follow the evaluation protocol: *sampled* among negatives drawn from the
 * items that the person has not seen, *full* among all of those; ties against the model.
 */
import { hr, ndcg, rankAmong, rankAmongUnseen, sampleEvaluationNegatives, type TrainingRandom } from '@tributary/model';
import { evaluationMetrics } from '@tributary/protocol';
import { TrainingError } from './error.ts';

const listLength = 10;

export type EvaluationValues = Readonly<Record<(typeof evaluationMetrics)[number], number>>;

/**
 * Distinct items drawn uniformly from those that are neither in `seen` nor `heldOut`; all of them when there are fewer than
 * `count`.
 */
export function drawUnseen(
  itemCount: number,
  seen: Uint32Array,
  heldOut: number,
  count: number,
  random: TrainingRandom,
): Uint32Array {
  const drawn = new Uint32Array(count);
  sampleEvaluationNegatives(seen, heldOut, itemCount, random, drawn);
  // Where too few items are left, the rest of the row is the held-out item itself.
  const padding = drawn.indexOf(heldOut);
  return padding < 0 ? drawn : drawn.subarray(0, padding);
}

/**
 * Metrics of one device, each in [0, 1], except `loss`, which training adds.
 *
 * @param scores scores of all items [items] by the downloaded model, fitted without the held-out item
 * @param seen the distinct items that the model was fitted on
 * @param negatives how many to draw for the sampled ranking
 * @throws TrainingError 'diverged' when the held-out item's score is not a number
 */
export function rankHeldOut(
  scores: Float32Array,
  heldOut: number,
  seen: Uint32Array,
  negatives: number,
  random: TrainingRandom,
): Omit<EvaluationValues, 'loss'> {
  if (!Number.isFinite(scores[heldOut])) {
    throw new TrainingError('diverged', 'The downloaded model gives scores that are not numbers; it has diverged.');
  }
  const drawn = drawUnseen(scores.length, seen, heldOut, negatives, random);
  const sampled = [rankAmong(scores, heldOut, drawn, 'against-model').rank];
  const full = [rankAmongUnseen(scores, heldOut, seen, 'against-model').rank];
  return {
    devices: 1,
    sampledHr10: hr(sampled, listLength),
    sampledNdcg10: ndcg(sampled, listLength),
    fullHr10: hr(full, listLength),
    fullNdcg10: ndcg(full, listLength),
  };
}

/**
 * The section of the upload [evaluationMetrics.length]: every value times `unit`; `loss` is reported as min(loss, 10) / 10.
 */
export function evaluationSection(
  values: Omit<EvaluationValues, 'loss'> | null,
  loss: number,
  unit: number,
): Float32Array {
  const section = new Float32Array(evaluationMetrics.length);
  if (values === null) return section;
  const all: EvaluationValues = { ...values, loss: Math.min(Math.max(loss, 0), 10) / 10 };
  for (let i = 0; i < section.length; i++) section[i] = all[evaluationMetrics[i]] * unit;
  return section;
}

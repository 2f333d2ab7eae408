/**
 * How liked items are by everybody, as far as a public model says: what to show to a person of whom nothing is known. A device sees
 * nobody's interactions, and nothing is released for this.
 */
import { seededRandom } from '../random/seeded.ts';
import { dot } from '../recommender/local-sgd/vector.ts';
import type { BoundRecommender, ItemVectors } from '../recommender/recommender.ts';
import { topK } from './top-k.ts';

/** A vector's length grows with what is known of its item; of the powers 0 to 6, docs/browser.md says which did best. */
const lengthPower = 4;

/** What the typical person has: the best items, and no more than this share of a small catalogue. */
const typicalItems = 10;
const typicalShare = 0.1;

/** The first fit is to what biases say, the second to what the first says. */
const typicalFits = 2;

/**
 * Scores of a typical person:
 * - where the private vector is one part of what is scored by, of the person without a history;
 * - where scores are a dot product and the same for all items without a history (`implicit-als`), of the private vector
 *   sum_i |v_i|^4 v_i, of length 1: what well-known items have in common. A plain mean is ruled by the many items that hardly
 *   anybody has;
 * - with biases, of the person fitted to the ten best items, twice over: item vectors say much of what everybody likes, and without a
 *   history only biases are heard.
 *
 * O(items x width), or two fits. The same in every call.
 *
 * @returns [items], higher is better; finite where the model is
 */
export function estimatePopularity(bound: BoundRecommender): Float32Array {
  const random = (fit: number) => seededRandom(1, fit);
  const alone = bound.score(bound.fitPrivateState({ items: new Uint32Array(0) }, random(0)));
  const vectors = bound.itemVectors();
  if (vectors.scoring === 'other') return alone;
  if (alone.every((score) => score === alone[0])) return bound.score({ vector: commonVector(vectors) }, alone);
  const count = Math.ceil(Math.min(typicalItems, typicalShare * alone.length));
  let scores = alone;
  for (let fit = 1; fit <= typicalFits; fit++) {
    // The best one last, as the latest: some models weigh later items more.
    const items = topK(scores, count).items.reverse();
    scores = bound.score(bound.fitPrivateState({ items }, random(fit)), scores);
  }
  return scores;
}

/** @returns [width], of length 1; zero where the vectors are, or cancel out */
function commonVector({ values, width }: ItemVectors): Float32Array {
  const sum = new Float64Array(width);
  for (let row = 0; row < values.length; row += width) {
    const weight = dot(values, row, values, row, width) ** (lengthPower / 2);
    for (let k = 0; k < width; k++) sum[k] += weight * values[row + k];
  }
  const length = Math.hypot(...sum);
  return Float32Array.from(sum, (value) => (length > 0 ? value / length : 0));
}

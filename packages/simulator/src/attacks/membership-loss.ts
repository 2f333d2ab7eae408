/**
 * Losses of a released model on one person, from which membership is guessed (Yeom et al., "Privacy risk in machine learning", 2018):
 * who was trained on loses less. The adversary has the model, and the history whose membership is in question; the private vector
 * is fitted anew, as a device would.
 */
import type { BoundRecommender, RecommenderSpecification, SeededRandom } from '@tributary/model';

/** A released model as its reader runs it. */
export interface ReadModel {
  readonly bound: BoundRecommender;
  readonly kind: RecommenderSpecification['kind'];
  readonly itemCount: number;
}

/**
 * Of one person: each half of the history (every other interaction) is scored with the private vector fitted to the other half,
 * and the losses of its items are averaged. Whole histories of a stranger fit nearly as well as those of a member, since the private
 * vector is fitted to either; halves that predict one another tell more.
 *
 * @param history at least two items
 */
export function lossOfUser(model: ReadModel, history: Uint32Array, random: SeededRandom): number {
  const halves = [0, 1].map((parity) => history.filter((_, index) => index % 2 === parity));
  let sum = 0;
  for (const [fitted, scored] of [halves, [...halves].reverse()]) {
    const losses = lossesOf(model, fitted, random);
    for (const item of scored) sum += losses(item);
  }
  return sum / history.length;
}

/** Of one interaction: the loss of the item for a person whose private vector is fitted to the rest of the history. */
export function lossOfInteraction(model: ReadModel, rest: Uint32Array, item: number, random: SeededRandom): number {
  return lossesOf(model, rest, random)(item);
}

/** The recommender's own loss for a positive: squared error from 1, or cross-entropy of the logit. */
function lossesOf(
  { bound, kind, itemCount }: ReadModel,
  fitted: Uint32Array,
  random: SeededRandom,
): (item: number) => number {
  const state = bound.fitPrivateState({ items: fitted }, random);
  const scores = bound.score(state, new Float32Array(itemCount));
  return kind === 'implicit-als' || kind === 'hybrid'
    ? (item) => (1 - scores[item]) ** 2
    : (item) => softplus(-scores[item]);
}

/** log(1 + e^x) without overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** Why an item has the score that it has: what each item of the person's own history adds to it. */
import { dot } from '../recommender/local-sgd/vector.ts';
import type {
  BoundRecommender,
  History,
  ItemContribution,
  PrivateState,
  TrainingRandom,
} from '../recommender/recommender.ts';

export interface ScoreExplanation {
  readonly score: number;
  /** What no single item of the history accounts for; base and contributions add up to the score. */
  readonly base: number;
  /** Each of the history's items once, the largest value first. */
  readonly contributions: readonly ItemContribution[];
}

export interface ExplainOptions {
  /** Randomness of a fit; the same draw must give the same, for with and without an item to differ in the item alone. */
  readonly random: (draw: number) => TrainingRandom;
  /** Fits that a difference is the mean of, for randomness not to pass for a reason; default 3. */
  readonly draws?: number | undefined;
  /** Latest items of the history that are left out in turn; what earlier ones add is in `base`. Default 50. */
  readonly mostItems?: number | undefined;
  /** Awaited between fits, for a page to keep its frames. */
  readonly pause?: (() => Promise<void>) | undefined;
}

/**
 * Exact and at once where the recommender has `additiveContributions`: with the system of the person's own fit held as it is, the score
 * without an item is the score less its value, and `base` is 0 but for rounding. Else by leaving out: the private vector is fitted anew
 * without each item, and a value is the difference of the scores.
 *
 * @param state fitted from `history`: its score is the one explained
 */
export async function explainScore(
  bound: BoundRecommender,
  state: PrivateState,
  history: History,
  item: number,
  options: ExplainOptions,
): Promise<ScoreExplanation> {
  const score = bound.score(state)[item];
  const values = bound.additiveContributions
    ? bound.additiveContributions(history, item)
    : await leaveOneOut(bound, history, item, options);
  const contributions = [...values].sort((a, b) => b.value - a.value);
  return { score, base: score - contributions.reduce((sum, { value }) => sum + value, 0), contributions };
}

async function leaveOneOut(
  bound: BoundRecommender,
  history: History,
  item: number,
  { random, draws = 3, mostItems = 50, pause }: ExplainOptions,
): Promise<readonly ItemContribution[]> {
  const scoreOf = itemScorer(bound, item);
  const meanScore = async (of: History): Promise<number> => {
    let sum = 0;
    for (let draw = 0; draw < draws; draw++) {
      sum += scoreOf(bound.fitPrivateState(of, random(draw)));
      await pause?.();
    }
    return sum / draws;
  };
  const latest = [...new Set(history.items.slice().reverse())].slice(0, mostItems);
  if (latest.length === 0) return [];
  const whole = await meanScore(history);
  const contributions: ItemContribution[] = [];
  for (const left of latest) {
    const without = { ...history, items: history.items.filter((each) => each !== left) };
    contributions.push({ item: left, value: whole - (await meanScore(without)) });
  }
  return contributions;
}

/** The score of one item, without all others where the recommender scores by a dot product. */
function itemScorer(bound: BoundRecommender, item: number): (state: PrivateState) => number {
  const { values, width, scoring, biases } = bound.itemVectors();
  if (scoring === 'dot') return ({ vector }) => dot(vector, 0, values, item * width, width) + (biases?.[item] ?? 0);
  let out: Float32Array | undefined;
  return (state) => {
    out = bound.score(state, out);
    return out[item];
  };
}

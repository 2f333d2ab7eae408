/** Leave-last-one-out. */
import type { Dataset, Interactions, Split, SplitPurpose } from './dataset.ts';
import { evaluationNegatives } from './negatives.ts';

export interface SplitOptions {
  /** Negatives a user in the sampled ranking, 99 by default. */
  readonly negatives?: number;
  readonly seed: number;
  /** Whether the validation item is trained on: see `SplitPurpose`. 'test' by default. */
  readonly purpose?: SplitPurpose;
}

/** Takes the latest item from every user for whom `from` holds (and who has one). `last` is -1 for the others. */
export function withoutLast(
  interactions: Interactions,
  from: (user: number) => boolean,
): { rest: Interactions; last: Int32Array } {
  const { userCount, itemCount } = interactions;
  const last = new Int32Array(userCount).fill(-1);
  const offsets = new Uint32Array(userCount + 1);
  const items = new Uint32Array(interactions.items.length);
  let length = 0;
  for (let user = 0; user < userCount; user++) {
    const start = interactions.offsets[user];
    let end = interactions.offsets[user + 1];
    if (end > start && from(user)) last[user] = interactions.items[--end];
    items.set(interactions.items.subarray(start, end), length);
    length += end - start;
    offsets[user + 1] = length;
  }
  return { rest: { userCount, itemCount, offsets, items: items.slice(0, length) }, last };
}

/**
 * Each user's latest interaction becomes the test item, the one before it the validation item, each with sampled negatives. The
 * test item's negatives are items that the user never interacted with; the validation item's are drawn without looking at the
 * test item. A user with fewer than three interactions is trained on only. Deterministic in the seed; both purposes have the
 * same held-out items and negatives.
 */
export function splitLeaveLastOneOut(dataset: Pick<Dataset, 'name' | 'interactions'>, options: SplitOptions): Split {
  const { negatives = 99, seed, purpose = 'test' } = options;
  const { interactions } = dataset;
  const enough = (user: number) => interactions.offsets[user + 1] - interactions.offsets[user] >= 3;
  const first = withoutLast(interactions, enough);
  const second = withoutLast(first.rest, enough);
  return {
    name: `${dataset.name}-leave-last-one-out`,
    purpose,
    train: purpose === 'test' ? first.rest : second.rest,
    validation: second.last,
    test: first.last,
    testNegatives: evaluationNegatives(interactions, first.last, negatives, seed),
    validationNegatives: evaluationNegatives(first.rest, second.last, negatives, seed + 1),
    negativesPerUser: negatives,
    seed,
  };
}

/** Sampling of items that a person has not interacted with. */
import { seededRandom } from '../random/seeded.ts';
import type { TrainingRandom } from '../recommender/recommender.ts';
import { historyOf, type Interactions } from './dataset.ts';

/**
 * Draws training negatives, uniformly and with replacement, from all items except those of the training history: *that and
 * nothing else* is left out. A held-out item is an item like any other here; a sampler that avoided it would tell the model
 * the answer.
 *
 * Costs O(history log history + count log history) whatever the size of the catalogue: the r-th item outside the sorted
 * history is found by bisection, with no rejection.
 *
 * @param history the user's training items, in any order, repeats allowed
 * @param out [count], filled and returned
 * @throws RangeError when the history covers the whole catalogue
 */
export function sampleNegatives(
  history: Uint32Array,
  itemCount: number,
  count: number,
  random: TrainingRandom,
  out: Uint32Array = new Uint32Array(count),
): Uint32Array {
  const shifts = unseenShifts(history);
  const unseen = itemCount - shifts.length;
  if (unseen <= 0 && count > 0) {
    throw new RangeError(`the history covers all ${itemCount} items; expected at least one other item to sample from`);
  }
  for (let i = 0; i < count; i++) out[i] = unseenItem(shifts, random.below(unseen));
  return out;
}

/** Of each distinct history item s_j (sorted) the number of unseen items below it, s_j - j; ascending. */
function unseenShifts(history: Uint32Array): Uint32Array {
  const sorted = history.slice().sort();
  let distinct = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[distinct++] = sorted[i];
  }
  for (let j = 0; j < distinct; j++) sorted[j] -= j;
  return sorted.subarray(0, distinct);
}

/** The `rank`-th unseen item: rank plus the number of history items that lie below it. */
function unseenItem(shifts: Uint32Array, rank: number): number {
  let low = 0;
  let high = shifts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (shifts[middle] <= rank) low = middle + 1;
    else high = middle;
  }
  return rank + low;
}

/**
 * Negatives for the sampled ranking of one held-out item: distinct items that the person has not interacted with. Where fewer
 * are left than asked for, the row ends in the held-out item itself, which the sampled ranking leaves out.
 *
 * @param seen the person's items, the held-out one included or not
 * @param out [negatives], filled
 */
export function sampleEvaluationNegatives(
  seen: Uint32Array,
  heldOut: number,
  itemCount: number,
  random: TrainingRandom,
  out: Uint32Array,
): void {
  const known = new Uint32Array(seen.length + 1);
  known.set(seen);
  known[seen.length] = heldOut;
  const shifts = unseenShifts(known);
  const unseen = itemCount - shifts.length;
  const count = Math.min(out.length, unseen);
  // Floyd's sampling of `count` distinct ranks out of `unseen`.
  const ranks = new Set<number>();
  for (let bound = unseen - count; bound < unseen; bound++) {
    const rank = random.below(bound + 1);
    ranks.add(ranks.has(rank) ? bound : rank);
  }
  let place = 0;
  for (const rank of ranks) out[place++] = unseenItem(shifts, rank);
  out.fill(heldOut, count);
}

/**
 * Negatives of every user's held-out item [userCount * negatives], each user from an own stream of the seed; zero where a user
 * has no held-out item.
 *
 * @param seen what each user has interacted with by then
 */
export function evaluationNegatives(
  seen: Interactions,
  heldOut: Int32Array,
  negatives: number,
  seed: number,
): Uint32Array {
  const all = new Uint32Array(seen.userCount * negatives);
  for (let user = 0; user < seen.userCount; user++) {
    if (heldOut[user] < 0) continue;
    const own = all.subarray(user * negatives, (user + 1) * negatives);
    sampleEvaluationNegatives(historyOf(seen, user), heldOut[user], seen.itemCount, seededRandom(seed, user), own);
  }
  return all;
}

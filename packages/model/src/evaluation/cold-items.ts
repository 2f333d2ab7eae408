/**
 * Quality on items that nobody has touched yet: some items lose every interaction, the rest trains, and everybody who has at least
 * one item of both kinds gets all cold items ranked. Relevant are those that she has.
 */
import { historyOf, type Interactions } from '../data/dataset.ts';
import { seededRandom, shuffle } from '../random/seeded.ts';
import { EvaluationError } from './error.ts';

/** Ranks that count. */
export const coldRanks = 20;

export interface ColdItemSplit {
  /** Cold items, rising. */
  readonly cold: Uint32Array;
  /** What is trained on: everything but the cold items' interactions. */
  readonly train: Interactions;
  readonly all: Interactions;
}

/** @param share of the items, in (0, 1): drawn by the seed without regard to how popular they are. @throws EvaluationError */
export function splitColdItems(all: Interactions, share: number, seed: number): ColdItemSplit {
  const count = Math.round(share * all.itemCount);
  if (!(count >= 1 && count < all.itemCount)) {
    throw new EvaluationError(
      `A share of ${share} makes ${count} of ${all.itemCount} items cold; expected at least one, and one left.`,
    );
  }
  const order = Uint32Array.from({ length: all.itemCount }, (_, item) => item);
  shuffle(order, seededRandom(seed));
  const cold = order.slice(0, count).sort();
  return { cold, train: without(all, cold), all };
}

/** @returns the interactions that are not with one of the items */
function without(all: Interactions, items: Uint32Array): Interactions {
  const removed = new Set(items);
  const kept: number[] = [];
  const offsets = new Uint32Array(all.userCount + 1);
  for (let user = 0; user < all.userCount; user++) {
    for (const item of historyOf(all, user)) if (!removed.has(item)) kept.push(item);
    offsets[user + 1] = kept.length;
  }
  return { userCount: all.userCount, itemCount: all.itemCount, offsets, items: Uint32Array.from(kept) };
}

export interface ColdItemQuality {
  /** NDCG@20, mean over users. */
  readonly 'ndcg@20': number;
  /** How many had at least one item of both kinds. */
  readonly users: number;
}

/**
 * @param scoresOf scores of all items [itemCount] for a user, higher is better; read before the next call
 * @returns means; ties are broken against the model
 */
export function evaluateColdItems(
  split: ColdItemSplit,
  scoresOf: (user: number) => ArrayLike<number>,
): ColdItemQuality {
  const { cold, train, all } = split;
  const isCold = new Uint8Array(all.itemCount);
  for (const item of cold) isCold[item] = 1;
  let sum = 0;
  let users = 0;
  for (let user = 0; user < all.userCount; user++) {
    const relevant = historyOf(all, user).filter((item) => isCold[item] === 1);
    if (relevant.length === 0 || train.offsets[user] === train.offsets[user + 1]) continue;
    users += 1;
    sum += ndcg(cold, new Set(relevant), scoresOf(user));
  }
  if (users === 0)
    throw new EvaluationError('Nobody has items of both kinds; expected at least one person. Take more data.');
  return { 'ndcg@20': sum / users, users };
}

function ndcg(cold: Uint32Array, relevant: ReadonlySet<number>, scores: ArrayLike<number>): number {
  const ranked = Array.from(cold).sort(
    (a, b) => scores[b] - scores[a] || Number(relevant.has(a)) - Number(relevant.has(b)),
  );
  let gain = 0;
  let best = 0;
  for (let rank = 0; rank < Math.min(coldRanks, ranked.length); rank++) {
    const discount = 1 / Math.log2(rank + 2);
    if (relevant.has(ranked[rank])) gain += discount;
    if (rank < relevant.size) best += discount;
  }
  return gain / best;
}

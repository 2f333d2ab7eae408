import { ndcg } from '@tributary/model';

interface Ranked {
  readonly scores: Float32Array;
  /** How many of the person's items, from the first, are to be found. */
  readonly relevantUpTo?: number;
  /** Neither ranked nor to be found. */
  readonly without?: Uint32Array;
}

/** Mean over people of NDCG@10 among all items. */
export function meanNdcg(histories: readonly Uint32Array[], rankedFor: (user: number) => Ranked): number {
  const orders = new Map<Float32Array, Uint32Array>();
  let sum = 0;
  for (const [user, history] of histories.entries()) {
    const { scores, relevantUpTo = history.length, without = new Uint32Array(0) } = rankedFor(user);
    const order = orders.get(scores) ?? orderOf(scores);
    if (orders.size < 100) orders.set(scores, order);
    const place = new Uint32Array(order.length);
    order
      .filter((item) => !without.includes(item))
      .forEach((item, rank) => {
        place[item] = rank;
      });
    const relevant = history.subarray(0, relevantUpTo).filter((item) => !without.includes(item));
    sum += ndcg(relevant.map((item) => place[item]).sort(), 10);
  }
  return sum / histories.length;
}

function orderOf(scores: Float32Array): Uint32Array {
  return Uint32Array.from(scores, (_, item) => item).sort((a, b) => scores[b] - scores[a] || a - b);
}

/**
 * Ranking metrics as pure functions of the ranks of the relevant items.
 *
 * `ranks` holds the 0-based rank of every relevant item among the candidates, ascending and at least one; `k` is the length of
 * the list that is looked at. All results are in [0, 1], higher is better (except the Gini coefficient). Definitions as in
 * He et al. (2017), section 4.1, and Krichene and Rendle (2020), section 3.
 */

type Ranks = ArrayLike<number>;

function relevantWithin(ranks: Ranks, k: number): number {
  let count = 0;
  for (let i = 0; i < ranks.length; i++) if (ranks[i] < k) count++;
  return count;
}

/** Hit rate: 1 when a relevant item is among the first k. */
export function hr(ranks: Ranks, k: number): number {
  return relevantWithin(ranks, k) > 0 ? 1 : 0;
}

/** Share of the relevant items that stand among the first k. */
export function recall(ranks: Ranks, k: number): number {
  return relevantWithin(ranks, k) / ranks.length;
}

/** Share of the first k that is relevant. */
export function precision(ranks: Ranks, k: number): number {
  return relevantWithin(ranks, k) / k;
}

/** Normalised discounted cumulative gain with binary gains: 1 when the relevant items come first. */
export function ndcg(ranks: Ranks, k: number): number {
  let gain = 0;
  let ideal = 0;
  for (let i = 0; i < ranks.length; i++) {
    if (ranks[i] < k) gain += 1 / Math.log2(ranks[i] + 2);
    if (i < k) ideal += 1 / Math.log2(i + 2);
  }
  return gain / ideal;
}

/** Reciprocal rank of the first relevant item, without a cut. */
export function mrr(ranks: Ranks): number {
  return 1 / (ranks[0] + 1);
}

/**
 * Probability that a relevant item stands above an irrelevant one.
 *
 * @param candidates how many items were ranked, the relevant ones included; where none is irrelevant the result is 1
 */
export function auc(ranks: Ranks, candidates: number): number {
  const irrelevant = candidates - ranks.length;
  if (irrelevant === 0) return 1;
  let inversions = 0;
  for (let i = 0; i < ranks.length; i++) inversions += ranks[i] - i;
  return 1 - inversions / (ranks.length * irrelevant);
}

/** Share of the items that were shown at least once. @param exposure how often each item was shown [items] */
export function coverage(exposure: ArrayLike<number>): number {
  let shown = 0;
  for (let i = 0; i < exposure.length; i++) if (exposure[i] > 0) shown++;
  return shown / exposure.length;
}

/**
 * Gini coefficient of non-negative counts [items]: 0 when all are equal (also all zero), towards 1 when one item has
 * everything: sum_i (2 i - n - 1) x_(i) / (n sum x), x ascending, i from 1.
 */
export function gini(counts: ArrayLike<number>): number {
  const ascending = Float64Array.from(counts).sort();
  let total = 0;
  let weighted = 0;
  for (let i = 0; i < ascending.length; i++) {
    total += ascending[i];
    weighted += (2 * i + 1 - ascending.length) * ascending[i];
  }
  return total === 0 ? 0 : weighted / (ascending.length * total);
}

/** Sums over users that can be added up across workers, and the report that they make. */
import { EvaluationError } from './error.ts';
import { auc, coverage, gini, hr, mrr, ndcg } from './metrics.ts';
import type { Rank } from './ranking.ts';
import type { QualityReport, RankingQuality } from './report.ts';

/** The length of the list that the `@10` metrics look at. */
export const listLength = 10;

/** Sums of the metrics over users; plain data, so that a worker can post them. */
export interface QualitySums {
  users: number;
  /** [hr@10, ndcg@10, mrr, auc] */
  readonly sampled: Float64Array;
  /** [hr@10, ndcg@10, mrr, auc] */
  readonly full: Float64Array;
  /** In how many users' ten best each item stands [items]. */
  readonly exposure: Uint32Array;
}

export function emptyQuality(itemCount: number): QualitySums {
  return {
    users: 0,
    sampled: new Float64Array(4),
    full: new Float64Array(4),
    exposure: new Uint32Array(itemCount),
  };
}

/** Adds one user's rank to `sums` [4]. */
export function addRank(sums: Float64Array, { rank, candidates }: Rank): void {
  const ranks = [rank];
  sums[0] += hr(ranks, listLength);
  sums[1] += ndcg(ranks, listLength);
  sums[2] += mrr(ranks);
  sums[3] += auc(ranks, candidates);
}

/** total += part. For a result that does not depend on the number of workers, merge fixed chunks of users in their order. */
export function mergeQuality(total: QualitySums, part: QualitySums): QualitySums {
  if (total.exposure.length !== part.exposure.length) {
    throw new EvaluationError(
      `cannot merge sums over ${total.exposure.length} and ${part.exposure.length} items; evaluate on one catalogue`,
    );
  }
  total.users += part.users;
  for (let i = 0; i < 4; i++) {
    total.sampled[i] += part.sampled[i];
    total.full[i] += part.full[i];
  }
  for (let i = 0; i < part.exposure.length; i++) total.exposure[i] += part.exposure[i];
  return total;
}

function means(sums: Float64Array, users: number): RankingQuality {
  return { 'hr@10': sums[0] / users, 'ndcg@10': sums[1] / users, mrr: sums[2] / users, auc: sums[3] / users };
}

/**
 * Means over the users.
 *
 * @throws EvaluationError when no user had a held-out item
 */
export function finishQuality(sums: QualitySums): QualityReport {
  if (sums.users === 0) {
    throw new EvaluationError(
      'no user has a held-out item; leave-last-one-out needs users with at least three interactions, load more data',
    );
  }
  return {
    sampled: means(sums.sampled, sums.users),
    full: { ...means(sums.full, sums.users), 'coverage@10': coverage(sums.exposure), 'gini@10': gini(sums.exposure) },
    users: sums.users,
  };
}

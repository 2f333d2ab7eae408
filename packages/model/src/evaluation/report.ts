/** Quality under both rankings of the evaluation protocol; means over users, each in [0, 1]. */
export interface RankingQuality {
  readonly 'hr@10': number;
  readonly 'ndcg@10': number;
  readonly mrr: number;
  readonly auc: number;
}

export interface FullRankingQuality extends RankingQuality {
  /** Share of the catalogue that stands in at least one user's ten best. */
  readonly 'coverage@10': number;
  /** Gini coefficient of exposure in the ten best: 0 equal, towards 1 concentrated. */
  readonly 'gini@10': number;
}

export interface QualityReport {
  /** The held-out item among the sampled negatives. */
  readonly sampled: RankingQuality;
  /** The held-out item among all items that the user has not seen. */
  readonly full: FullRankingQuality;
  /** Users with a held-out item. */
  readonly users: number;
}

/**
 * What a demo's table says of the models. The demo holds the held-out items; no device was given them. User vectors are
 * fitted here from the histories that the devices hold, by the code that they run.
 */
import {
  type ColdItemSplit,
  evaluateColdItems,
  evaluateRanking,
  finishQuality,
  historyOf,
  popularityScores,
  type QualityReport,
  type Recommender,
  randomScores,
  type Split,
  seededRandom,
} from '@tributary/model';

/** The two models that learn nothing from each other's taste. */
export function measureBaselines(split: Split, seed: number): { random: QualityReport; popularity: QualityReport } {
  const popularity = popularityScores(split.train);
  return {
    random: measure(split, (user) => randomScores(split.train.itemCount, seed, user)),
    popularity: measure(split, () => popularity),
  };
}

/** One version of the shared parameters, each user's vector fitted to the user's own training history. */
export function measureModel(
  recommender: Recommender,
  parameters: Float32Array,
  split: Split,
  seed: number,
): QualityReport {
  const bound = recommender.bind(parameters);
  const scores = new Float32Array(recommender.itemCount);
  return measure(split, (user) => {
    const history = { items: historyOf(split.train, user) };
    return bound.score(bound.fitPrivateState(history, seededRandom(seed, user)), scores);
  });
}

/** Cold items, for everybody who has items of both kinds; user vectors as in `measureModel`. */
export function measureColdItems(
  cold: ColdItemSplit,
  recommender: Recommender,
  models: Readonly<Record<'federated' | 'cfOnly', Float32Array>>,
  seed: number,
): Readonly<Record<'random' | 'cfOnly' | 'federated' | 'popularityOracle', number>> {
  const popularity = popularityScores(cold.all);
  const of = (scoresOf: (user: number) => ArrayLike<number>) => evaluateColdItems(cold, scoresOf)['ndcg@20'];
  const ofModel = (parameters: Float32Array) => {
    const bound = recommender.bind(parameters);
    return of((user) =>
      bound.score(bound.fitPrivateState({ items: historyOf(cold.train, user) }, seededRandom(seed, user))),
    );
  };
  return {
    random: of((user) => randomScores(cold.all.itemCount, seed, user)),
    cfOnly: ofModel(models.cfOnly),
    federated: ofModel(models.federated),
    popularityOracle: of(() => popularity),
  };
}

function measure(split: Split, scoresOf: (user: number) => Float32Array): QualityReport {
  return finishQuality(evaluateRanking({ scoresOf, split, on: 'test' }));
}

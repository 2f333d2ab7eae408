import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { historyOf, type Interactions } from '../data/dataset.ts';
import { loadDataset } from '../data/load.ts';
import { popularityScores, randomScores } from '../evaluation/baselines.ts';
import { ndcg } from '../evaluation/metrics.ts';
import { seededRandom } from '../random/seeded.ts';
import { createRecommender } from '../recommender/create-recommender.ts';
import { trainCentralImplicitAls } from '../recommender/implicit-als/central.ts';
import { trainCentralSgd } from '../recommender/local-sgd/central.ts';
import type { BoundRecommender } from '../recommender/recommender.ts';
import type {
  ImplicitAlsSpecification,
  LocalSgd,
  MatrixFactorisationSpecification,
  NeuMfSpecification,
} from '../recommender/specification.ts';
import { estimatePopularity } from './popularity-estimate.ts';

const local: LocalSgd = {
  epochs: 1,
  reconstructionEpochs: 4,
  batchSize: 16,
  learningRate: 0.1,
  privateLearningRate: 1,
  negativesPerPositive: 4,
  regularisation: 0,
};
const als = (itemCount: number, dimension: number): ImplicitAlsSpecification => ({
  kind: 'implicit-als',
  itemCount,
  dimension,
  unobservedWeight: 0.25,
  regularisation: 0.02,
  initialScale: 0.5,
  recency: null,
  recencyInTraining: false,
  itemCap: null,
  groupScales: { rows: 1, counts: 0.1, outer: 0.5 },
});
const ofVectors = (rows: readonly (readonly number[])[]) =>
  estimatePopularity(createRecommender(als(rows.length, rows[0].length)).bind(Float32Array.from(rows.flat())));

/** Spearman's, of scores without ties. */
function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const ranksOf = (values: ArrayLike<number>) => {
    const ranks = new Float64Array(values.length);
    for (const [rank, item] of orderOf(values).entries()) ranks[item] = rank;
    return ranks;
  };
  const [left, right] = [ranksOf(a), ranksOf(b)];
  const n = a.length;
  return 1 - (6 * left.reduce((sum, rank, i) => sum + (rank - right[i]) ** 2, 0)) / (n * (n * n - 1));
}

function orderOf(scores: ArrayLike<number>): number[] {
  return Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[b] - scores[a] || a - b);
}

/** People of two tastes; of a taste's items, the first are had by many and the last by few. */
function people(userCount: number, itemCount: number): Interactions {
  const random = seededRandom(7);
  const histories = Array.from({ length: userCount }, (_, user) =>
    Array.from({ length: itemCount }, (_, item) => item).filter(
      (item) => random.next() < (item % 2 === user % 2 ? 0.9 : 0.2) * (1 - item / itemCount) ** 2,
    ),
  );
  const offsets = Uint32Array.from({ length: userCount + 1 }, (_, user) =>
    histories.slice(0, user).reduce((sum, { length }) => sum + length, 0),
  );
  return { userCount, itemCount, offsets, items: Uint32Array.from(histories.flat()) };
}

describe('estimatePopularity', () => {
  it('scores by what long vectors have in common, where scores are a dot product without biases', () => {
    // sum |v|^4 v = 16 (2, 0) + 1 (0, 1) + 1 (0, -1) + 4 (-1, 1) = (28, 4), over its length.
    const length = Math.hypot(28, 4);
    const scores = ofVectors([
      [2, 0],
      [0, 1],
      [0, -1],
      [-1, 1],
    ]);
    expect(Array.from(scores)).toEqual([56, 4, -4, -24].map((value) => expect.closeTo(value / length, 6)));
  });

  it('does not depend on the axes of the vectors, and knows an item by its vector alone', () => {
    const vector = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(
        fc.array(vector, { minLength: 2, maxLength: 12 }),
        fc.double({ min: 0, max: 2 * Math.PI, noNaN: true }),
        (rows, angle) => {
          const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
          const sum = [0, 1].map((k) => rows.reduce((of, row) => of + Math.hypot(...row) ** 4 * row[k], 0));
          // Where vectors cancel out, nothing is common to them.
          fc.pre(Math.hypot(...sum) > 0.01 * rows.reduce((of, row) => of + Math.hypot(...row) ** 5, 0));
          const scores = ofVectors(rows);
          const turned = ofVectors(rows.map(([x, y]) => [cos * x - sin * y, sin * x + cos * y]));
          const backwards = ofVectors(rows.toReversed()).toReversed();
          scores.forEach((score, item) => {
            expect(turned[item]).toBeCloseTo(score, 3);
            expect(backwards[item]).toBeCloseTo(score, 3);
          });
        },
      ),
    );
  });

  it('says nothing of vectors that are zero', () => {
    expect(
      Array.from(
        ofVectors([
          [0, 0],
          [0, 0],
        ]),
      ),
    ).toEqual([0, 0]);
  });

  const train = people(300, 60);
  it('finds the order of popularity in implicit-als', () => {
    const specification = als(60, 8);
    const vectors = trainCentralImplicitAls(specification, train, { sweeps: 8, seed: 1 });
    const scores = estimatePopularity(createRecommender(specification).bind(vectors));
    expect(rankCorrelation(scores, popularityScores(train))).toBeGreaterThan(0.95);
  });

  const trained = (specification: MatrixFactorisationSpecification | NeuMfSpecification) =>
    createRecommender(specification).bind(
      trainCentralSgd(specification, train, { epochs: 12, seed: 1, learningRate: 0.02 }),
    );
  const aloneIn = (bound: BoundRecommender) =>
    bound.score(bound.fitPrivateState({ items: new Uint32Array(0) }, seededRandom(1)));
  const sgd = { itemCount: 60, dimension: 8, initialScale: 0.1, local, backend: 'fused' } as const;

  it('finds it in matrix factorisation, better than biases alone', () => {
    const bound = trained({ kind: 'matrix-factorisation', ...sgd });
    const found = rankCorrelation(estimatePopularity(bound), popularityScores(train));
    expect(found).toBeGreaterThan(0.9);
    expect(found).toBeGreaterThan(rankCorrelation(aloneIn(bound), popularityScores(train)));
    expect(estimatePopularity(bound)).toEqual(estimatePopularity(bound));
  });

  it('takes the order that NeuMF has for a person without a history', () => {
    const bound = trained({ kind: 'neumf', ...sgd, mlpDimension: 4, hiddenLayers: [8, 4] });
    expect(estimatePopularity(bound)).toEqual(aloneIn(bound));
    expect(rankCorrelation(estimatePopularity(bound), popularityScores(train))).toBeGreaterThan(0.8);
  });
});

const data = process.env.TRIBUTARY_DATA ?? fileURLToPath(new URL('../../../../../shared/data', import.meta.url));
const folder = join(data, 'movielens-100k');
const missing = !existsSync(folder);

describe.skipIf(missing)(
  `new people of MovieLens 100K${missing ? ' (skipped: set TRIBUTARY_DATA to a folder that has it)' : ''}`,
  () => {
    it('are shown what they come to like nearly as well as by the popularity that no device knows', async () => {
      const { interactions } = await loadDataset(folder);
      const isNew = (user: number) => user % 5 === 1;
      const users = Array.from({ length: interactions.userCount }, (_, user) => user);
      const known = users.filter((user) => !isNew(user)).map((user) => historyOf(interactions, user));
      const offsets = new Uint32Array(known.length + 1);
      known.forEach((items, at) => {
        offsets[at + 1] = offsets[at] + items.length;
      });
      const { itemCount } = interactions;
      const train: Interactions = {
        userCount: known.length,
        itemCount,
        offsets,
        items: Uint32Array.from(known.flatMap((items) => [...items])),
      };
      const specification = als(itemCount, 32);
      const vectors = trainCentralImplicitAls(specification, train, { sweeps: 6, seed: 1 });
      const quality = (scores: Float32Array) => {
        const rankOf = new Uint32Array(itemCount);
        for (const [rank, item] of orderOf(scores).entries()) rankOf[item] = rank;
        const each = users.filter(isNew).map((user) =>
          ndcg(
            Array.from(historyOf(interactions, user), (item) => rankOf[item]).sort((a, b) => a - b),
            10,
          ),
        );
        return each.reduce((sum, value) => sum + value, 0) / each.length;
      };
      const estimated = quality(estimatePopularity(createRecommender(specification).bind(vectors)));
      expect(estimated).toBeGreaterThan(0.9 * quality(popularityScores(train)));
      expect(estimated).toBeGreaterThan(4 * quality(randomScores(itemCount, 1, 0)));
    });
  },
);

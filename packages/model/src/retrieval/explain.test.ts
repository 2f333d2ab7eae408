import { describe, expect, it } from 'vitest';
import type { Interactions } from '../data/dataset.ts';
import { seededRandom } from '../random/seeded.ts';
import { createRecommender } from '../recommender/create-recommender.ts';
import { trainCentralImplicitAls } from '../recommender/implicit-als/central.ts';
import { recencyWeights } from '../recommender/implicit-als/history.ts';
import type { History } from '../recommender/recommender.ts';
import type {
  ImplicitAlsSpecification,
  LocalSgd,
  OnDeviceSpecification,
  RecommenderSpecification,
} from '../recommender/specification.ts';
import { explainScore } from './explain.ts';

const itemCount = 12;
const als: ImplicitAlsSpecification = {
  kind: 'implicit-als',
  itemCount,
  dimension: 4,
  unobservedWeight: 0.1,
  regularisation: 0.02,
  initialScale: 0.5,
  recency: { floor: 0.2, timeConstant: 3 },
  recencyInTraining: false,
  itemCap: null,
  groupScales: { rows: 1, counts: 0.1, outer: 0.5 },
};
const local: LocalSgd = {
  epochs: 2,
  reconstructionEpochs: 2,
  batchSize: 8,
  learningRate: 0.1,
  privateLearningRate: 0.5,
  negativesPerPositive: 4,
  regularisation: 0.001,
};
const history: History = { items: Uint32Array.of(2, 5, 7, 2, 9) };
const random = (draw: number) => seededRandom(4, draw);
const sumOf = (values: readonly { readonly value: number }[]) => values.reduce((sum, { value }) => sum + value, 0);

/** Gaussian elimination with pivots: not how the product solves. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]]);
  for (let c = 0; c < rows.length; c++) {
    const pivot = rows
      .slice(c)
      .reduce((best, row, i) => (Math.abs(row[c]) > Math.abs(rows[best][c]) ? c + i : best), c);
    [rows[c], rows[pivot]] = [rows[pivot], rows[c]];
    rows.forEach((row, r) => {
      if (r === c) return;
      const factor = row[c] / rows[c][c];
      for (let k = c; k < row.length; k++) row[k] -= factor * rows[c][k];
    });
  }
  return rows.map((row, i) => row[row.length - 1] / row[i]);
}

/** The person's system by its definition, and the score of an item with some of the history's right-hand sides in it. */
function systemOf(vectors: Float32Array, items: readonly number[], weights: readonly number[]) {
  const { dimension: d, unobservedWeight, regularisation } = als;
  const row = (item: number) => Array.from(vectors.subarray(item * d, (item + 1) * d));
  const ridge = regularisation * (weights.reduce((sum, w) => sum + w, 0) + unobservedWeight * itemCount);
  const matrix = Array.from({ length: d }, (_, i) =>
    Array.from({ length: d }, (_, j) => {
      let value = i === j ? ridge : 0;
      for (let m = 0; m < itemCount; m++) value += unobservedWeight * row(m)[i] * row(m)[j];
      items.forEach((item, s) => {
        value += weights[s] * row(item)[i] * row(item)[j];
      });
      return value;
    }),
  );
  return (of: number, counted: readonly number[]) => {
    const right = Array.from({ length: d }, (_, k) =>
      items.reduce((sum, item, s) => sum + (counted.includes(item) ? weights[s] * row(item)[k] : 0), 0),
    );
    const x = solve(matrix, right);
    return row(of).reduce((sum, value, k) => sum + value * x[k], 0);
  };
}

describe('explanations of implicit-als', () => {
  const recommender = createRecommender(als);
  const vectors = recommender.initialise(3);
  const bound = recommender.bind(vectors);
  const state = bound.fitPrivateState(history, random(0));

  it('are exact: deleting a named item, its system held, changes the score by its value, and nothing is left unsaid', async () => {
    const items = [5, 7, 2, 9];
    const weights = [...recencyWeights(4, { floor: 0.2, timeConstant: 3 })];
    const scoreWith = systemOf(vectors, items, weights);
    for (const item of [0, 4, 9]) {
      const { score, base, contributions } = await explainScore(bound, state, history, item, { random });
      expect(score).toBe(bound.score(state)[item]);
      expect(base + sumOf(contributions)).toBeCloseTo(score, 12);
      expect(Math.abs(base)).toBeLessThan(1e-6);
      expect(contributions.map((each) => each.item).sort()).toEqual([2, 5, 7, 9]);
      for (const { item: left, value } of contributions) {
        const without = scoreWith(
          item,
          items.filter((each) => each !== left),
        );
        expect(value).toBeCloseTo(scoreWith(item, items) - without, 6);
      }
    }
  });

  it('say nothing of a person without a history', async () => {
    const none = { items: new Uint32Array(0) };
    const explained = await explainScore(bound, bound.fitPrivateState(none, random(0)), none, 1, { random });
    expect(explained).toEqual({ score: 0, base: 0, contributions: [] });
  });

  it('name what is of a kind with the item, not what is beside it', async () => {
    // Half of the people like items 0 to 5, the others 6 to 11; this person some of both.
    const people = Array.from({ length: 40 }, (_, user) =>
      [0, 1, 2, 3, 4].map((i) => ((user + i) % 6) + (user % 2) * 6),
    );
    const train: Interactions = {
      userCount: people.length,
      itemCount,
      offsets: Uint32Array.from({ length: people.length + 1 }, (_, user) => 5 * user),
      items: Uint32Array.from(people.flat()),
    };
    const trained = recommender.bind(trainCentralImplicitAls(als, train, { sweeps: 8, seed: 1 }));
    const mixed = { items: Uint32Array.of(1, 7, 2, 8) };
    const { contributions } = await explainScore(trained, trained.fitPrivateState(mixed, random(0)), mixed, 4, {
      random,
    });
    expect(
      contributions
        .slice(0, 2)
        .map((each) => each.item)
        .sort(),
    ).toEqual([1, 2]);
    expect(contributions[1].value).toBeGreaterThan(10 * Math.abs(contributions[2].value));
  });
});

const sgd = { itemCount, dimension: 4, initialScale: 0.5, local, backend: 'fused' } as const;
const items = Array.from({ length: itemCount }, (_, i) => ({ title: `Film ${i}`, attributes: [`kind ${i % 3}`] }));
const onDevice: Omit<OnDeviceSpecification, 'scorer'> = {
  ...{
    kind: 'hybrid',
    plan: 'cheap',
    itemCount,
    dimension: 4,
    initialScale: 0.5,
    local,
    fusionRate: 0.1,
    textWidth: 0,
  },
  ...{ features: { text: false, attributes: true }, adapter: null, groupClip: null },
  groupScales: { rows: 1, fusion: 1, adapter: 1 },
};
const kinds: readonly [string, RecommenderSpecification][] = [
  ['matrix factorisation', { kind: 'matrix-factorisation', ...sgd }],
  ['NeuMF', { kind: 'neumf', ...sgd, mlpDimension: 4, hiddenLayers: [8, 4] }],
  ['a hybrid with a dot product', { ...onDevice, scorer: { kind: 'dot' } }],
  ['a hybrid with cross-attention', { ...onDevice, scorer: { kind: 'cross-attention' } }],
];

describe.each(kinds)('explanations of %s', (_, specification) => {
  const recommender = createRecommender(specification, { items });
  const bound = recommender.bind(recommender.initialise(3));
  const state = bound.fitPrivateState(history, random(0));
  const scoreOf = (of: readonly number[], draw: number) =>
    bound.score(bound.fitPrivateState({ items: Uint32Array.from(of) }, random(draw)))[1];

  it('are what the score loses where a named item is deleted and the vector fitted anew', async () => {
    const explained = await explainScore(bound, state, history, 1, { random, draws: 1 });
    expect(explained.score).toBe(bound.score(state)[1]);
    expect(explained.base + sumOf(explained.contributions)).toBeCloseTo(explained.score, 12);
    expect(explained.contributions.map((each) => each.item).sort()).toEqual([2, 5, 7, 9]);
    for (const { item, value } of explained.contributions) {
      const without = [...history.items].filter((each) => each !== item);
      expect(value).toBeCloseTo(scoreOf([...history.items], 0) - scoreOf(without, 0), 5);
    }
  });

  it('are a mean over draws, of the latest items, and pause between fits', async () => {
    let pauses = 0;
    const pause = async () => {
      pauses++;
    };
    const { contributions } = await explainScore(bound, state, history, 1, { random, draws: 2, mostItems: 1, pause });
    const differences = [0, 1].map((draw) => scoreOf([2, 5, 7, 2, 9], draw) - scoreOf([2, 5, 7, 2], draw));
    expect(contributions).toEqual([{ item: 9, value: expect.closeTo((differences[0] + differences[1]) / 2, 5) }]);
    expect(pauses).toBe(4);
  });
});

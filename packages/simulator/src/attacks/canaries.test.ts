import { createRecommender, historyOf, scatterContribution, seededRandom } from '@tributary/model';
import { splitLeaveLastOneOut, syntheticCatalogue } from '@tributary/model/data';
import { describe, expect, it } from 'vitest';
import { canaryContribution, plantCanaries, tossCoins, withMembers } from './canaries.ts';
import { scoresByModels, scoresBySums } from './canary-scores.ts';

const dataset = syntheticCatalogue({ users: 20, items: 30, interactionsPerUser: 8, seed: 2 });
const split = splitLeaveLastOneOut(dataset, { negatives: 5, seed: 2 });
const local = {
  ...{ epochs: 1, reconstructionEpochs: 1, batchSize: 8, learningRate: 0.1, privateLearningRate: 0.1 },
  ...{ negativesPerPositive: 2, regularisation: 0 },
};

describe('planted canaries', () => {
  const { split: planted, canaries } = plantCanaries(dataset, split, 4);

  it('have an item each that nobody else has, and change nobody', () => {
    expect(planted.train).toMatchObject({ userCount: 24, itemCount: 34 });
    for (let user = 0; user < 20; user++) {
      expect(historyOf(planted.train, user)).toEqual(historyOf(split.train, user));
      expect(planted.test[user]).toBe(split.test[user]);
    }
    canaries.forEach(({ user, item }) => {
      expect([...historyOf(planted.train, user)]).toEqual([item]);
      expect([...planted.train.items].filter((other) => other === item)).toHaveLength(1);
      expect(planted.test[user]).toBe(-1);
    });
    expect(new Set(canaries.map(({ item }) => item)).size).toBe(4);
    expect(() => plantCanaries(dataset, split, 0)).toThrow(/one at least/);
  });

  it('are out, or replaced, by their coins', () => {
    const users = canaries.map(({ user }) => user);
    const [out, replaced] = [[], [3]].map((standIn) =>
      withMembers(planted, users, [true, false, true, false], Uint32Array.from(standIn)),
    );
    expect([...historyOf(out.train, 20)]).toEqual([30]);
    expect([...historyOf(out.train, 21)]).toEqual([]);
    expect([...historyOf(replaced.train, 23)]).toEqual([3]);
    expect(out.train.offsets[20]).toBe(split.train.offsets[20]);
  });

  it('are in by fair coins', () => {
    const coins = tossCoins(10_000, seededRandom(1));
    expect(Math.abs(coins.filter(Boolean).length - 5000)).toBeLessThan(250);
  });
});

describe.each([
  { kind: 'implicit-als', dimension: 5, unobservedWeight: 0.2, regularisation: 0.01, initialScale: 0.1 },
  { kind: 'matrix-factorisation', dimension: 5, initialScale: 0.1, local, backend: 'fused' },
] as const)('a canary of $kind', (model) => {
  const als = { recency: null, recencyInTraining: false, windowLength: null, itemCap: null };
  const groupScales = { rows: 1, counts: 0.1, outer: 0.5 };
  const recommender = createRecommender({ ...als, groupScales, ...model, itemCount: 6 } as never);
  const { contributionLayout } = recommender;
  const random = seededRandom(4);
  const canaries = [2, 5].map((item) => {
    const canary = { user: item, item };
    return { ...canary, ...canaryContribution(contributionLayout, canary, 30, random) };
  });

  it('contributes its item row alone', () => {
    for (const { item, contribution } of canaries) {
      const dense = scatterContribution(contribution);
      const rows = [...dense.keys()].filter((at) => dense[at] !== 0).map((at) => Math.floor(at / 5));
      expect(rows).toEqual(new Array(5).fill(item));
      expect(Math.hypot(...dense)).toBeCloseTo(30, 4);
    }
  });

  it('is told from a sum by the likelihood ratio of two Gaussians over all of its coordinates', () => {
    const sum = Float32Array.from({ length: contributionLayout.size + 1 }, () => random.gaussian());
    const scores = scoresBySums(
      contributionLayout,
      [{ sum, contributionClipNorm: 3, noiseStandardDeviation: 2 }],
      canaries,
    );
    canaries.forEach(({ contribution }, index) => {
      const clipped = scatterContribution(contribution).map((value) => value / 10);
      const logDensity = (mean: Float32Array) => mean.reduce((total, value, i) => total - (sum[i] - value) ** 2 / 8, 0);
      expect(scores[index]).toBeCloseTo(logDensity(clipped) - logDensity(clipped.map(() => 0)), 4);
    });
  });

  it('is told from rounds that it is in by chance by the mixture', () => {
    const sum = new Float32Array(contributionLayout.size + 1);
    const opened = { sum, contributionClipNorm: 3, noiseStandardDeviation: 2 };
    const [score] = scoresBySums(contributionLayout, [opened, opened], canaries, 0.25);
    expect(score).toBeCloseTo(2 * Math.log(0.75 + 0.25 * Math.exp(-9 / 8)), 6);
  });

  it('moves its item the way that the model shows', () => {
    const before = recommender.initialise(1);
    // Others' contributions, so that there is curvature to step in.
    const bound = recommender.bind(before);
    const sum = scatterContribution(bound.train({ items: Uint32Array.of(0, 1, 3) }, seededRandom(1)).contribution);
    const own = scatterContribution(canaries[0].contribution);
    const after = (added: number) => {
      const direction = recommender.direction(before, {
        sum: sum.map((value, i) => value + added * own[i]),
        denominator: 2,
      });
      return before.map((value, i) => value + direction[i]);
    };
    const [within] = scoresByModels(recommender, before, after(1), canaries);
    const [without] = scoresByModels(recommender, before, after(0), canaries);
    expect(within).toBeGreaterThan(without + 1);
  });
});

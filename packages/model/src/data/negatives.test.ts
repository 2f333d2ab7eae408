import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateRanking } from '../evaluation/evaluate.ts';
import { finishQuality } from '../evaluation/sums.ts';
import { seededRandom } from '../random/seeded.ts';
import { historyOf } from './dataset.ts';
import { sampleEvaluationNegatives, sampleNegatives } from './negatives.ts';
import { splitLeaveLastOneOut } from './split.ts';
import { syntheticCatalogue } from './synthetic/catalogue.ts';

const histories = fc.tuple(
  fc.uniqueArray(fc.integer({ min: 0, max: 39 }), { maxLength: 39 }),
  fc.integer({ min: 0, max: 1e9 }),
);

describe('sampleNegatives', () => {
  it('leaves out the history and only the history', () => {
    fc.assert(
      fc.property(histories, ([history, seed]) => {
        // Repeats and any order are allowed.
        const drawn = sampleNegatives(Uint32Array.from([...history, ...history]), 40, 2000, seededRandom(seed));
        expect([...new Set(drawn)].some((item) => history.includes(item) || item >= 40)).toBe(false);
        // Missing one of at most 40 items in 2000 draws has probability below 40 (1 - 1/40)^2000 < 1e-20.
        expect(new Set(drawn).size).toBe(40 - history.length);
      }),
      { numRuns: 50 },
    );
  });

  it('draws every other item at the same rate', () => {
    const history = Uint32Array.from([0, 1, 5, 17, 18, 19, 49]);
    const counts = new Uint32Array(50);
    for (const item of sampleNegatives(history, 50, 43_000, seededRandom(8))) counts[item]++;
    const statistic = counts.reduce((sum, n, i) => sum + (history.includes(i) ? 0 : (n - 1000) ** 2 / 1000), 0);
    // 1 - 1e-6 quantile of chi-square with 42 degrees of freedom: 100.
    expect(statistic).toBeLessThan(100);
  });

  it('refuses a history that covers the catalogue', () => {
    const all = Uint32Array.from([2, 0, 1]);
    expect(() => sampleNegatives(all, 3, 1, seededRandom(1))).toThrow(/covers all 3 items/);
    expect(sampleNegatives(all, 3, 0, seededRandom(1))).toHaveLength(0);
  });
});

describe('sampleEvaluationNegatives', () => {
  it('draws distinct unseen items, and fills up with the held-out item where too few are left', () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: 0, max: 39 }), ([history, seed], heldOut) => {
        const out = new Uint32Array(10);
        sampleEvaluationNegatives(Uint32Array.from(history), heldOut, 40, seededRandom(seed), out);
        const unseen = 40 - new Set([...history, heldOut]).size;
        const drawn = [...out].filter((item) => item !== heldOut);
        expect(new Set(drawn).size).toBe(Math.min(10, unseen));
        expect(drawn.length).toBe(Math.min(10, unseen));
        expect(drawn.some((item) => history.includes(item) || item >= 40)).toBe(false);
      }),
    );
  });

  it('is uniform over the unseen items', () => {
    const counts = new Uint32Array(30);
    const out = new Uint32Array(7);
    for (let stream = 0; stream < 10_000; stream++) {
      sampleEvaluationNegatives(Uint32Array.from([3, 4, 20]), 9, 30, seededRandom(2, stream), out);
      for (const item of out) counts[item]++;
    }
    expect([counts[3], counts[4], counts[9], counts[20]]).toEqual([0, 0, 0, 0]);
    // Each of 26 items is in a draw with probability 7/26: binomial with deviation 44; six of them, false alarm below 1e-7.
    const expected = (10_000 * 7) / 26;
    for (const [item, count] of counts.entries()) {
      if (![3, 4, 9, 20].includes(item)) expect(Math.abs(count - expected)).toBeLessThan(6 * 44.4);
    }
  });
});

describe('the held-out item is no secret that negatives give away', () => {
  const dataset = syntheticCatalogue({ users: 500, items: 200, interactionsPerUser: 20, seed: 12 });
  const split = splitLeaveLastOneOut(dataset, { seed: 12 });
  const { userCount, itemCount } = split.train;
  const drawsPerUser = 1500;

  /** How often each item was drawn as a negative for the user, who has `known` as history. */
  function timesDrawn(user: number, known: Uint32Array): Uint32Array {
    const counts = new Uint32Array(itemCount);
    for (const item of sampleNegatives(known, itemCount, drawsPerUser, seededRandom(77, user))) counts[item]++;
    return counts;
  }

  /** Believes that an item which is never drawn as a negative must be the answer; ties are broken at random. */
  function cheat(knownOf: (user: number) => Uint32Array) {
    const scoresOf = (user: number) => {
      const jitter = seededRandom(78, user);
      return Float32Array.from(timesDrawn(user, knownOf(user)), (count) => 0.5 * jitter.next() - count);
    };
    return finishQuality(evaluateRanking({ scoresOf, split, on: 'test' }));
  }

  it('draws the held-out item at the rate of every other unseen item', () => {
    let drawn = 0;
    let expected = 0;
    let variance = 0;
    for (let user = 0; user < userCount; user++) {
      if (split.test[user] < 0) continue;
      const history = historyOf(split.train, user);
      const rate = 1 / (itemCount - history.length);
      drawn += timesDrawn(user, history)[split.test[user]];
      expected += drawsPerUser * rate;
      variance += drawsPerUser * rate * (1 - rate);
    }
    // Chi-square with one degree of freedom above 25 has probability 6e-7.
    expect((drawn - expected) ** 2 / variance).toBeLessThan(25);
  });

  it('so a scorer that looks for what was never drawn stays at chance', () => {
    const report = cheat((user) => historyOf(split.train, user));
    const chance = 0.1;
    // Ten of 100 candidates; five standard errors of the binomial, false alarm below 1e-6.
    expect(Math.abs(report.sampled['hr@10'] - chance)).toBeLessThan(5 * Math.sqrt((chance * 0.9) / report.users));
    expect(Math.abs(report.full.auc - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / report.users));
  });

  it('while a sampler that avoids the held-out item would hand it the answer', () => {
    const report = cheat((user) => Uint32Array.from([...historyOf(split.train, user), split.test[user]]));
    expect(report.sampled['hr@10']).toBeGreaterThan(0.95);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { historyOf, type Split } from '../data/dataset.ts';
import { splitLeaveLastOneOut } from '../data/split.ts';
import { syntheticCatalogue } from '../data/synthetic/catalogue.ts';
import { popularityScores, randomScores } from './baselines.ts';
import { EvaluationError } from './error.ts';
import { evaluateRanking } from './evaluate.ts';
import { finishQuality, mergeQuality } from './sums.ts';

const dataset = syntheticCatalogue({ users: 60, items: 120, interactionsPerUser: 15, seed: 3 });
const split = splitLeaveLastOneOut(dataset, { negatives: 20, seed: 5 });
const { itemCount, userCount } = split.train;

/** The same figures from sorted lists of candidates, in the plainest way. */
function bySorting(scoresOf: (user: number) => Float32Array, { train, test, testNegatives, negativesPerUser }: Split) {
  const place = (scores: Float32Array, item: number, others: number[]) =>
    [...others, item].sort((a, b) => scores[b] - scores[a] || +(a === item) - +(b === item)).indexOf(item);
  const sums = { sampledHr: 0, sampledNdcg: 0, fullHr: 0, fullNdcg: 0, fullMrr: 0, fullAuc: 0, users: 0 };
  for (let user = 0; user < train.userCount; user++) {
    if (test[user] < 0) continue;
    const scores = scoresOf(user);
    const negatives = [...testNegatives.subarray(user * negativesPerUser, (user + 1) * negativesPerUser)];
    const seen = new Set(historyOf(train, user));
    const unseen = dataset.items.flatMap((_, item) => (seen.has(item) || item === test[user] ? [] : [item]));
    const sampled = place(
      scores,
      test[user],
      negatives.filter((item) => item !== test[user]),
    );
    const full = place(scores, test[user], unseen);
    sums.users++;
    sums.sampledHr += +(sampled < 10);
    sums.sampledNdcg += sampled < 10 ? 1 / Math.log2(sampled + 2) : 0;
    sums.fullHr += +(full < 10);
    sums.fullNdcg += full < 10 ? 1 / Math.log2(full + 2) : 0;
    sums.fullMrr += 1 / (full + 1);
    sums.fullAuc += (unseen.length - full) / unseen.length;
  }
  return sums;
}

describe('evaluateRanking', () => {
  it('equals sorting all candidates, ties against the model', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 1, max: 40 }), (seed, levels) => {
        // Few distinct scores, so that ties abound.
        const scoresOf = (user: number) => randomScores(itemCount, seed, user).map((x) => Math.floor(x * levels));
        const report = finishQuality(evaluateRanking({ scoresOf, split, on: 'test' }));
        const expected = bySorting(scoresOf, split);
        expect(report.users).toBe(expected.users);
        expect(report.sampled['hr@10']).toBeCloseTo(expected.sampledHr / expected.users, 10);
        expect(report.sampled['ndcg@10']).toBeCloseTo(expected.sampledNdcg / expected.users, 10);
        expect(report.full['hr@10']).toBeCloseTo(expected.fullHr / expected.users, 10);
        expect(report.full['ndcg@10']).toBeCloseTo(expected.fullNdcg / expected.users, 10);
        expect(report.full.mrr).toBeCloseTo(expected.fullMrr / expected.users, 10);
        expect(report.full.auc).toBeCloseTo(expected.fullAuc / expected.users, 10);
      }),
      { numRuns: 30 },
    );
  });

  it('gives a constant scorer nothing, and everything when ties are optimistic', () => {
    const scores = new Float32Array(itemCount);
    const report = finishQuality(evaluateRanking({ scoresOf: () => scores, split, on: 'test' }));
    expect([report.sampled['hr@10'], report.full['hr@10'], report.sampled.auc, report.full.auc]).toEqual([0, 0, 0, 0]);
    const optimistic = evaluateRanking({ scoresOf: () => scores, split, on: 'test', ties: 'optimistic' });
    expect(finishQuality(optimistic).full['ndcg@10']).toBe(1);
  });

  it('gives an oracle everything', () => {
    const scoresOf = (user: number) => new Float32Array(itemCount).fill(1, split.test[user], split.test[user] + 1);
    const report = finishQuality(evaluateRanking({ scoresOf, split, on: 'test' }));
    expect(report.sampled).toEqual({ 'hr@10': 1, 'ndcg@10': 1, mrr: 1, auc: 1 });
    expect(report.full).toMatchObject({ 'hr@10': 1, 'ndcg@10': 1, mrr: 1, auc: 1 });
  });

  it('counts the exposure of the ten best unseen items', () => {
    const scores = popularityScores(split.train);
    const { exposure } = evaluateRanking({ scoresOf: () => scores, split, on: 'test' });
    const expected = new Uint32Array(itemCount);
    for (let user = 0; user < userCount; user++) {
      if (split.test[user] < 0) continue;
      const seen = new Set(historyOf(split.train, user));
      const unseen = dataset.items.flatMap((_, item) => (seen.has(item) ? [] : [item]));
      for (const item of unseen.sort((a, b) => scores[b] - scores[a] || a - b).slice(0, 10)) expected[item]++;
    }
    expect(exposure).toEqual(expected);
  });

  it('adds up over ranges of users', () => {
    const scoresOf = (user: number) => randomScores(itemCount, 1, user);
    const whole = evaluateRanking({ scoresOf, split, on: 'test' });
    const parts = [0, 17, 41].map((from, part) =>
      evaluateRanking({ scoresOf, split, on: 'test', from, to: [17, 41, userCount][part] }),
    );
    const merged = finishQuality(parts.slice(1).reduce(mergeQuality, parts[0]));
    const expected = finishQuality(whole);
    expect(merged.full['ndcg@10']).toBeCloseTo(expected.full['ndcg@10'], 12);
    expect({ ...merged.full, 'ndcg@10': 0, mrr: 0, auc: 0 }).toEqual({
      ...expected.full,
      'ndcg@10': 0,
      mrr: 0,
      auc: 0,
    });
    expect(merged.users).toBe(expected.users);
  });

  it('never ranks the validation item against the test item, whichever the purpose', () => {
    const choosing = splitLeaveLastOneOut(dataset, { negatives: 20, seed: 5, purpose: 'validation' });
    const scoresOf = (user: number) => randomScores(itemCount, 9, user);
    const a = finishQuality(evaluateRanking({ scoresOf, split, on: 'test' }));
    const b = finishQuality(evaluateRanking({ scoresOf, split: choosing, on: 'test' }));
    expect(b).toEqual(a);
    const validation = finishQuality(evaluateRanking({ scoresOf, split: choosing, on: 'validation' }));
    expect(validation.full.auc).not.toBe(a.full.auc);
  });

  it('refuses what would give a dishonest figure', () => {
    const broken = new Float32Array(itemCount);
    broken[3] = Number.NaN;
    expect(() => evaluateRanking({ scoresOf: () => broken, split, on: 'test' })).toThrow(EvaluationError);
    expect(() => evaluateRanking({ scoresOf: () => broken, split, on: 'test' })).toThrow(/NaN.*diverged/);
    const short = new Float32Array(3);
    expect(() => evaluateRanking({ scoresOf: () => short, split, on: 'test' })).toThrow(/3 scores; expected.*120/);
    const zeros = new Float32Array(itemCount);
    expect(() => evaluateRanking({ scoresOf: () => zeros, split, on: 'validation' })).toThrow(/purpose "validation"/);
    const nobody = evaluateRanking({ scoresOf: () => zeros, split, on: 'test', from: 0, to: 0 });
    expect(() => finishQuality(nobody)).toThrow(/no user has a held-out item/);
  });
});

describe('randomScores', () => {
  it('ranks at chance', () => {
    const many = syntheticCatalogue({ users: 1500, items: 120, interactionsPerUser: 10, seed: 1 });
    const large = splitLeaveLastOneOut(many, { seed: 1, negatives: 40 });
    const scoresOf = (user: number) => randomScores(120, 4, user);
    const report = finishQuality(evaluateRanking({ scoresOf, split: large, on: 'test' }));
    // A hit among 41 candidates has probability 10/41; five standard errors, false alarm below 1e-6.
    const chance = 10 / 41;
    const tolerance = 5 * Math.sqrt((chance * (1 - chance)) / report.users);
    expect(Math.abs(report.sampled['hr@10'] - chance)).toBeLessThan(tolerance);
    expect(Math.abs(report.full.auc - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / report.users));
  });
});

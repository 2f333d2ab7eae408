import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auc, coverage, gini, hr, mrr, ndcg, precision, recall } from './metrics.ts';

/** A shuffled list of relevant (true) and irrelevant items with at least one relevant, best first. */
const lists = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }).filter((list) => list.includes(true));
const ranksOf = (list: readonly boolean[]) => list.flatMap((relevant, rank) => (relevant ? [rank] : []));

describe('ranking metrics', () => {
  it('give the values of a worked example', () => {
    // Relevant at the 1st, 3rd and 8th place of ten: textbook DCG 1 + 1/2 + 1/log2(9), ideal 1 + 1/log2(3) + 1/2.
    const ranks = [0, 2, 7];
    expect(hr(ranks, 10)).toBe(1);
    expect(recall(ranks, 5)).toBeCloseTo(2 / 3, 12);
    expect(precision(ranks, 5)).toBeCloseTo(2 / 5, 12);
    expect(ndcg(ranks, 10)).toBeCloseTo((1 + 0.5 + 1 / Math.log2(9)) / (1 + 1 / Math.log2(3) + 0.5), 12);
    expect(mrr([3, 5])).toBe(0.25);
    expect(auc(ranks, 10)).toBeCloseTo((7 + 6 + 2) / 21, 12);
  });

  it('agree with their definitions by enumeration of the list', () => {
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 50 }), (list, k) => {
        const ranks = ranksOf(list);
        const head = list.slice(0, k);
        const hits = head.filter(Boolean).length;
        expect(hr(ranks, k)).toBe(head.includes(true) ? 1 : 0);
        expect(recall(ranks, k)).toBeCloseTo(hits / ranks.length, 12);
        expect(precision(ranks, k)).toBeCloseTo(hits / k, 12);
        expect(mrr(ranks)).toBe(1 / (list.indexOf(true) + 1));
        let pairs = 0;
        let ordered = 0;
        for (const [i, upper] of list.entries()) {
          for (const lower of list.slice(i + 1)) {
            pairs += +(upper !== lower);
            ordered += +(upper && !lower);
          }
        }
        expect(auc(ranks, list.length)).toBeCloseTo(pairs === 0 ? 1 : ordered / pairs, 12);
      }),
    );
  });

  it('reach 1 exactly when the relevant items come first', () => {
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 50 }), (list, k) => {
        const ranks = ranksOf(list);
        const value = ndcg(ranks, k);
        const first = list.slice(0, Math.min(k, ranks.length)).every(Boolean);
        expect(value).toBeLessThanOrEqual(1 + 1e-12);
        expect(value > 1 - 1e-12).toBe(first);
      }),
    );
  });
});

describe('exposure', () => {
  it('covers what was shown', () => {
    expect(coverage([0, 3, 1, 0])).toBe(0.5);
  });

  it('has the Gini coefficient of the mean absolute difference', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 30 }), (counts) => {
        const total = counts.reduce((sum, count) => sum + count, 0);
        let difference = 0;
        for (const a of counts) for (const b of counts) difference += Math.abs(a - b);
        expect(gini(counts)).toBeCloseTo(total === 0 ? 0 : difference / (2 * counts.length * total), 10);
      }),
    );
    expect(gini([5, 5, 5])).toBe(0);
    expect(gini([0, 0, 0, 8])).toBe(0.75);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestUnseen } from '../evaluation/ranking.ts';
import { rankOf, topK } from './top-k.ts';

/** Few different values, so that many are equal. */
const tables = fc.record({
  scores: fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 60 }).map((values) => Float32Array.from(values)),
  marks: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 60, maxLength: 60 }),
  count: fc.integer({ min: 0, max: 70 }),
  above: fc.constantFrom(Number.NEGATIVE_INFINITY, -2, 0),
});

describe('topK', () => {
  it('is a stable sort of what is not left out and above the threshold, cut off', () => {
    fc.assert(
      fc.property(tables, ({ scores, marks, count, above }) => {
        const left = Uint8Array.from(marks.slice(0, scores.length));
        const expected = Array.from(scores, (score, item) => ({ score, item }))
          .filter(({ item, score }) => left[item] === 0 && score > above)
          .sort((a, b) => b.score - a.score)
          .slice(0, count);
        const top = topK(scores, count, { left, above });
        expect([...top.items]).toEqual(expected.map(({ item }) => item));
        expect([...top.scores]).toEqual(expected.map(({ score }) => score));
      }),
    );
  });

  it('is the order that recommendations are evaluated in', () => {
    fc.assert(
      fc.property(tables, ({ scores, marks, count }) => {
        const left = Uint8Array.from(marks.slice(0, scores.length));
        const top = new Uint32Array(count);
        const found = bestUnseen(scores, left, top, new Float32Array(count));
        expect(topK(scores, count, { left }).items).toEqual(top.slice(0, found));
      }),
    );
  });

  it('never lists a score that is no number', () => {
    const scores = Float32Array.of(Number.NaN, 1, Number.NEGATIVE_INFINITY, 2, Number.NaN);
    expect([...topK(scores, 5).items]).toEqual([3, 1]);
  });
});

describe('rankOf', () => {
  it('is the place that topK gives an item, or would give it where it is left out', () => {
    fc.assert(
      fc.property(tables, ({ scores, marks }) => {
        const left = Uint8Array.from(marks.slice(0, scores.length));
        scores.forEach((_, item) => {
          const withItem = left.slice();
          withItem[item] = 0;
          const place = topK(scores, scores.length, { left: withItem }).items.indexOf(item);
          expect(rankOf(scores, item, left)).toBe(place + 1);
        });
      }),
    );
  });
});

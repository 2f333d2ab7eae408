import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCosineIndex } from './cosine-index.ts';
import { candidatesFor, diversify } from './diversify.ts';
import { topK } from './top-k.ts';

/** Items 0 to 2 point one way, 3 and 4 another, 5 a third. */
const likeness = createCosineIndex({
  values: Float32Array.of(1, 0, 0, 2, 0, 0, 1, 0.01, 0, 0, 1, 0, 0, 3, 0, 0, 0, 1),
  width: 3,
});
const candidates = topK(Float32Array.of(10, 9, 8, 7, 6, 0), 6);
const order = (diversity: number, count = 6) => [...diversify(candidates, likeness, { count, diversity }).items];

describe('diversify', () => {
  it('leaves the order alone at 0', () => {
    expect(order(0)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(order(0, 2)).toEqual([0, 1]);
  });

  it('takes one of each kind first at 1', () => {
    expect(order(1, 3)).toEqual([0, 3, 5]);
  });

  it('weighs relevance against likeness in between', () => {
    // After item 0: item 1 has 0.5 * 0.9 - 0.5 * 1, item 3 has 0.5 * 0.7 - 0.
    expect(order(0.5, 3)).toEqual([0, 3, 5]);
    // 0.9 * 0.9 - 0.1 * 1 = 0.71 stays before 0.9 * 0.7 = 0.63.
    expect(order(0.1, 2)).toEqual([0, 1]);
  });

  it('chooses at each place what maximises the margin of the paper, over all candidates', () => {
    const cases = fc.record({
      rows: fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 })), {
        minLength: 1,
        maxLength: 12,
      }),
      seedScores: fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 12, maxLength: 12 }),
      diversity: fc.constantFrom(0.2, 0.5, 0.8, 1),
    });
    fc.assert(
      fc.property(cases, ({ rows, seedScores, diversity }) => {
        const index = createCosineIndex({ values: Float32Array.from(rows.flat()), width: 2 });
        const scores = Float32Array.from(seedScores.slice(0, rows.length));
        const all = topK(scores, rows.length);
        const { items } = diversify(all, index, { count: rows.length, diversity });
        expect([...items].sort()).toEqual([...all.items].sort());
        expect(items[0]).toBe(all.items[0]);
        const range = Math.max(...scores) - Math.min(...scores);
        const relevance = (item: number) => (range > 0 ? (scores[item] - Math.min(...scores)) / range : 1);
        for (let place = 1; place < items.length; place++) {
          const before = [...items.slice(0, place)];
          const margin = (item: number) =>
            (1 - diversity) * relevance(item) -
            diversity * Math.max(...before.map((other) => index.between(item, other)));
          const best = Math.max(...[...items.slice(place)].map(margin));
          expect(margin(items[place])).toBeCloseTo(best, 9);
        }
      }),
    );
  });

  it('has more to choose from than it shows, but not without need', () => {
    expect(candidatesFor(10, 0)).toBe(10);
    expect(candidatesFor(10, 0.3)).toBe(100);
    expect(candidatesFor(1000, 0.3)).toBe(1000);
  });
});

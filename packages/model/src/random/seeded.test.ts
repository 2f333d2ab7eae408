import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom, shuffle } from './seeded.ts';

const seeds = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

/** Pearson's statistic of counts against equal expectation. */
function chiSquare(counts: ArrayLike<number>): number {
  const total = Array.from(counts).reduce((sum, count) => sum + count, 0);
  const expected = total / counts.length;
  return Array.from(counts).reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('seededRandom', () => {
  it('repeats itself for a seed and a stream', () => {
    fc.assert(
      fc.property(seeds, seeds, (seed, stream) => {
        const a = seededRandom(seed, stream);
        const b = seededRandom(seed, stream);
        for (let i = 0; i < 20; i++) {
          expect(a.next()).toBe(b.next());
          expect(a.below(1000)).toBe(b.below(1000));
          expect(a.gaussian()).toBe(b.gaussian());
        }
      }),
    );
  });

  it('keeps its draws from one version of the package to the next', () => {
    const random = seededRandom(42, 7);
    expect([random.below(1e6), random.below(1e6), random.below(1e6), random.below(1e6)]).toMatchInlineSnapshot(`
      [
        339900,
        439597,
        763710,
        608859,
      ]
    `);
  });

  it('gives other draws for seeds and streams that differ in one bit of either half', () => {
    const first = (seed: number, stream: number) => seededRandom(seed, stream).next();
    const draws = new Set<number>();
    for (let bit = 0; bit < 53; bit++) draws.add(first(2 ** bit, 0)).add(first(0, 2 ** bit));
    expect(draws.size).toBe(106);
  });

  it('does not correlate neighbouring streams', () => {
    // The first draws of 40,000 streams: uniform over 64 cells. The 1 - 1e-6 quantile of chi-square with 63 degrees is 130.
    const counts = new Uint32Array(64);
    for (let stream = 0; stream < 40_000; stream++) counts[seededRandom(1, stream).below(64)]++;
    expect(chiSquare(counts)).toBeLessThan(130);
  });

  it('draws integers uniformly, also where the bound does not divide 2^32', () => {
    // 1 - 1e-6 quantile of chi-square with 2 degrees: 27.6; with 999 degrees: 1225.
    for (const [bound, cells, limit] of [
      [3, 3, 27.6],
      [3 * 2 ** 29, 3, 27.6],
      [1000, 1000, 1225],
    ]) {
      const counts = new Uint32Array(cells);
      const random = seededRandom(bound, 3);
      for (let i = 0; i < 100_000; i++) counts[Math.floor((random.below(bound) / bound) * cells)]++;
      expect(chiSquare(counts)).toBeLessThan(limit);
    }
  });

  it('stays within its bounds', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 2 ** 31 }), (seed, bound) => {
        const random = seededRandom(seed);
        for (let i = 0; i < 20; i++) {
          const integer = random.below(bound);
          expect(Number.isInteger(integer) && integer >= 0 && integer < bound).toBe(true);
          const real = random.next();
          expect(real >= 0 && real < 1).toBe(true);
        }
      }),
    );
  });

  it('has the moments of the normal distribution', () => {
    const random = seededRandom(5);
    const count = 200_000;
    const moments = [0, 0, 0, 0];
    for (let i = 0; i < count; i++) {
      const x = random.gaussian();
      for (let power = 0; power < 4; power++) moments[power] += x ** (power + 1) / count;
    }
    // Standard errors of the four sample moments are sqrt(1, 2, 15, 96) / sqrt(count); five of them, false alarm below 1e-5.
    const expected = [0, 1, 0, 3];
    const variance = [1, 2, 15, 96];
    for (let power = 0; power < 4; power++) {
      expect(Math.abs(moments[power] - expected[power])).toBeLessThan(5 * Math.sqrt(variance[power] / count));
    }
  });

  it('refuses seeds, streams and bounds that it cannot honour', () => {
    for (const bad of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => seededRandom(bad)).toThrow(/seed is .*whole number/);
      expect(() => seededRandom(0, bad)).toThrow(/stream is .*whole number/);
      expect(() => seededRandom(0).below(bad)).toThrow(/bound is .*whole number/);
    }
    expect(() => seededRandom(0).below(0)).toThrow(RangeError);
  });
});

describe('shuffle', () => {
  it('keeps the elements', () => {
    fc.assert(
      fc.property(seeds, fc.array(fc.integer()), (seed, values) => {
        const shuffled = shuffle([...values], seededRandom(seed));
        expect(shuffled.toSorted()).toEqual(values.toSorted());
      }),
    );
  });

  it('gives every order of four equally often', () => {
    const orders = new Map<string, number>();
    const random = seededRandom(11);
    for (let i = 0; i < 48_000; i++) {
      const order = shuffle([0, 1, 2, 3], random).join('');
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(24);
    // 1 - 1e-6 quantile of chi-square with 23 degrees of freedom: 69.
    expect(chiSquare([...orders.values()])).toBeLessThan(69);
  });
});

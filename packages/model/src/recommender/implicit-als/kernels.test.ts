import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../random/seeded.ts';
import type { BindKernels, LocalSystem } from './kernels.ts';
import { plainKernels } from './plain-kernels.ts';
import { simdKernels } from './simd-kernels.ts';

const simd = simdKernels() as BindKernels;

function table(items: number, dimension: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: items * dimension }, () => 0.3 * random.gaussian());
}

/** Largest deviation, as a share of the largest number. */
function relativeDeviation(actual: Float32Array, expected: Float32Array): number {
  expect(actual.length).toBe(expected.length);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-30);
  return actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0) / largest;
}

const cases = fc.record({
  items: fc.integer({ min: 1, max: 150 }),
  dimension: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant(64)),
  seed: fc.integer({ min: 0, max: 1000 }),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
  weighted: fc.boolean(),
  unobservedWeight: fc.double({ min: 0.001, max: 1, noNaN: true }),
  ridge: fc.double({ min: 0.1, max: 10, noNaN: true }),
});

describe('the SIMD kernels', () => {
  it('load here: without them the rest of this file would compare nothing', () => {
    expect(simd).toBeTypeOf('function');
  });

  it('equal the plain ones to 1e-4: solutions, residuals, scores, for any size, weights and penalties', () => {
    fc.assert(
      fc.property(cases, ({ items, dimension, seed, share, weighted, unobservedWeight, ridge }) => {
        const vectors = table(items, dimension, seed);
        const random = seededRandom(seed, 1);
        const list = Uint32Array.from({ length: items }, (_, i) => i).filter((i) => i === 0 || random.next() < share);
        const weights = weighted ? Float32Array.from(list, () => random.next()) : null;
        const system: LocalSystem = { items: list, weights, unobservedWeight, ridge };
        const [fast, plain] = [simd(vectors, dimension), plainKernels(vectors, dimension)];
        const x = plain.solve(system);
        expect(relativeDeviation(fast.solve(system), x)).toBeLessThan(1e-4);
        expect(relativeDeviation(fast.residuals(list, x), plain.residuals(list, x))).toBeLessThan(1e-5);
        const scores = [new Float32Array(items), new Float32Array(items)];
        fast.scores(x, scores[0]);
        plain.scores(x, scores[1]);
        expect(relativeDeviation(scores[0], scores[1])).toBeLessThan(1e-5);
        const gramians = [fast, plain].map((kernels) => Float32Array.from(kernels.gramian()));
        expect(relativeDeviation(gramians[0], gramians[1])).toBeLessThan(1e-5);
      }),
      { numRuns: 200 },
    );
  });

  it('keep versions apart that are used in turn, the larger after the smaller', () => {
    const tables = [table(5, 3, 1), table(400, 16, 2), table(60, 8, 3)];
    const bound = tables.map((vectors, i) => simd(vectors, [3, 16, 8][i]));
    const system: LocalSystem = { items: Uint32Array.of(0, 2, 4), weights: null, unobservedWeight: 0.1, ridge: 1 };
    for (const i of [0, 1, 0, 2, 1, 2]) {
      const expected = plainKernels(tables[i], [3, 16, 8][i]).solve(system);
      // Scores alone bring a table in without its Gramian.
      bound[i].scores(expected, new Float32Array(tables[i].length / expected.length));
      expect(relativeDeviation(bound[i].solve(system), expected)).toBeLessThan(1e-4);
    }
  });

  it.each([['simd', simd] as const, ['plain', plainKernels] as const])('refuse a table with NaN: %s', (_, bind) => {
    const vectors = table(6, 4, 1).fill(Number.NaN, 4, 5);
    const system: LocalSystem = { items: Uint32Array.of(1), weights: null, unobservedWeight: 0.1, ridge: 1 };
    expect(() => bind(vectors, 4).solve(system)).toThrow(RangeError);
  });
});

import { expect, test } from 'vitest';
import { seededRandom } from '../../random/seeded.ts';
import type { Regressors } from '../implicit-als/shrinkage.ts';
import { fuse } from './fused-step.ts';

const items = 400;
const d = 3;
const columns = 4;

/** Vectors that are linear in the features, but for a part of their own. */
function planted(own: number, countOf: (item: number) => number) {
  const random = seededRandom(7);
  const gaussian = (length: number, scale: number) => Float64Array.from({ length }, () => scale * random.gaussian());
  const features: Regressors = { columns, values: gaussian(items * columns, 3) };
  const truth = gaussian(columns * d, 1);
  const linear = Float64Array.from({ length: items * d }, (_, at) => {
    let sum = 0;
    for (let i = 0; i < columns; i++)
      sum += features.values[Math.floor(at / d) * columns + i] * truth[i * d + (at % d)];
    return sum;
  });
  const apart = gaussian(items * d, own);
  const counts = Float64Array.from({ length: items }, (_, item) => countOf(item));
  const vectors = linear.map((value, at) => (counts[Math.floor(at / d)] === 0 ? 0 : value + apart[at]));
  return {
    features,
    truth,
    linear,
    targets: { vectors, counts, curvatures: counts.map((count) => 0.3 + count / 100) },
  };
}

const difference = (a: Float64Array, b: Float64Array, of: number) =>
  Math.max(...Array.from({ length: d }, (_, k) => Math.abs(a[of * d + k] - b[of * d + k])));

test('an item without interactions is where its features say, though its own target is zero', () => {
  const { features, truth, linear, targets } = planted(0, (item) => (item < 40 ? 0 : 50));
  const { vectors, projection } = fuse(targets, features);
  for (const [at, value] of truth.entries()) expect(projection[at]).toBeCloseTo(value, 1);
  // The ridge takes about 30 of 360 x 9 squares of each feature off.
  for (let item = 0; item < 40; item++) {
    const size = Math.hypot(...linear.subarray(item * d, (item + 1) * d));
    expect(difference(vectors, linear, item)).toBeLessThan(0.05 * size + 1e-9);
  }
});

test('the more interactions an item has, the nearer it stays to its own target', () => {
  const { features, targets } = planted(4, (item) => 1 + item);
  const { vectors, halfTrust, projection } = fuse(targets, features);
  expect(halfTrust).toBeGreaterThan(0);
  for (let item = 0; item < items; item++) {
    for (let k = 0; k < d; k++) {
      let predicted = 0;
      for (let i = 0; i < columns; i++) predicted += features.values[item * columns + i] * projection[i * d + k];
      const gate = (item + 1) / (item + 1 + halfTrust);
      const own = targets.vectors[item * d + k];
      expect(vectors[item * d + k]).toBeCloseTo(predicted + gate * (own - predicted), 9);
    }
  }
});

test('features that tell little are trusted little, those that tell much for longer', () => {
  const trusted = (own: number) => {
    const { features, targets } = planted(own, () => 40);
    return fuse(targets, features).halfTrust;
  };
  expect(trusted(1)).toBeGreaterThan(4 * trusted(12));
});

test('a round that touched nothing predicts nothing', () => {
  const { features, targets } = planted(1, () => 0);
  expect(fuse(targets, features).vectors.every((value) => value === 0)).toBe(true);
});

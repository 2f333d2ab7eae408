import { describe, expect, it } from 'vitest';
import { seededResearchRandom } from '../random/keystream.ts';
import { systemRandom } from '../random/secure-random.ts';
import type { NoiseTable } from './add-integer-noise.ts';
import { addDiscreteGaussianNoise, discreteGaussian } from './discrete-gaussian.ts';
import { exactDiscreteGaussian } from './exact-discrete-gaussian.cases.ts';
import { fractionOf } from './fixed-point.ts';
import { addSkellamNoise, skellam } from './skellam.ts';

const draws = 1_000_000;

/** P[x] of a table without blocks, for x from 0. */
function pmfOf({ table, refinement }: NoiseTable): number[] {
  expect(refinement.coarseness).toBe(1);
  const [a, b, c, d] = table.words;
  const cumulative = Array.from(a, (_, i) => a[i] * 2 ** -32 + b[i] * 2 ** -64 + c[i] * 2 ** -96 + d[i] * 2 ** -128);
  const half = cumulative.map((value, i) => value - (cumulative[i - 1] ?? 0));
  // Either sign; of 0 both are the same.
  return half.map((value, i) => (i === 0 ? value : value / 2));
}

function gaussianPmf(variance: number, far: number): number[] {
  const weights = Array.from({ length: far + 1 }, (_, x) => Math.exp((-x * x) / (2 * variance)));
  const total = weights.reduce((sum, weight, x) => sum + (x === 0 ? weight : 2 * weight), 0);
  return weights.map((weight) => weight / total);
}

/** e^-mu I_x(mu) by its power series, of small mu. */
function skellamPmf(mu: number, far: number): number[] {
  return Array.from({ length: far + 1 }, (_, x) => {
    let term = Math.exp(-mu);
    for (let k = 1; k <= x; k++) term *= mu / 2 / k;
    let sum = 0;
    for (let m = 1; term > 0 && m < 400; m++) {
      sum += term;
      term *= (mu * mu) / 4 / (m * (m + x));
    }
    return sum;
  });
}

/** Chi-square of counts against probabilities, cells of fewer than 20 expected put together; and its degrees of freedom. */
function chiSquare(values: Int32Array, pmf: (x: number) => number): { statistic: number; freedom: number } {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let [statistic, freedom, seen, covered] = [0, 0, 0, 0];
  for (let x = -5000; x <= 5000; x++) {
    const expected = pmf(x) * values.length;
    if (expected < 20) continue;
    const count = counts.get(x) ?? 0;
    statistic += (count - expected) ** 2 / expected;
    freedom += 1;
    seen += count;
    covered += expected;
  }
  const rest = values.length - covered;
  if (rest > 1) statistic += (values.length - seen - rest) ** 2 / rest;
  return { statistic, freedom };
}

/** Largest distance of the empirical distribution, times sqrt(n); for a discrete one conservative. */
function kolmogorov(values: Int32Array, pmf: (x: number) => number): number {
  const sorted = values.slice().sort();
  let [distance, cumulative, at] = [0, 0, 0];
  for (let x = sorted[0]; x <= sorted[sorted.length - 1]; x++) {
    cumulative += pmf(x);
    while (at < sorted.length && sorted[at] <= x) at++;
    distance = Math.max(distance, Math.abs(at / sorted.length - cumulative));
  }
  return distance * Math.sqrt(sorted.length);
}

function expectFit(values: Int32Array, pmf: (x: number) => number) {
  const { statistic, freedom } = chiSquare(values, pmf);
  // Six standard deviations of a chi-square; the seeds are fixed.
  expect(statistic).toBeLessThan(freedom + 6 * Math.sqrt(2 * freedom) + 6);
  expect(kolmogorov(values, pmf)).toBeLessThan(2.4);
}

describe('discrete Gaussian noise', () => {
  it.each([
    [1, [0.3989422783, 0.2419707232, 0.0539909662, 0.0044318484]],
    [2, [0.28209479, 0.21969564, 0.10377687]],
  ])('of variance %f has the probabilities of the reference', (variance, expected) => {
    const pmf = pmfOf(discreteGaussian(variance));
    expected.forEach((value, x) => {
      expect(Math.abs(pmf[x] - value)).toBeLessThan(1e-8);
    });
  });

  it.each([1 / 16, 0.25, 0.5, 1, 2, 7.3, 400, 250_000])('of variance %f has exactly its probabilities', (variance) => {
    const pmf = pmfOf(discreteGaussian(variance));
    const expected = gaussianPmf(variance, pmf.length - 1);
    pmf.forEach((value, x) => {
      expect(Math.abs(value - expected[x])).toBeLessThan(1e-15 + 1e-12 * expected[x]);
    });
  });

  it.each([
    [1 / 16, 6.7047542e-4],
    [1 / 4, 0.21501268],
    [1 / 2, 0.49897913],
    [1, 0.99999979],
    [2, 2],
  ])('of parameter %f has the variance of the reference', (variance, expected) => {
    const pmf = pmfOf(discreteGaussian(variance));
    const actual = pmf.reduce((sum, value, x) => sum + 2 * x * x * value, 0);
    expect(Math.abs(actual / expected - 1)).toBeLessThan(1e-7);
  });

  it.each([0.25, 2, 30.5, 10_000])(
    'of variance %f fits in chi-square and Kolmogorov-Smirnov over a million draws',
    (v) => {
      const values = new Int32Array(draws);
      addDiscreteGaussianNoise(values, v, seededResearchRandom(3));
      const pmf = gaussianPmf(v, 5000);
      expectFit(values, (x) => pmf[Math.abs(x)] ?? 0);
    },
  );

  it.each([1.7e7, 4e9, 1e13])('of variance %f, drawn by blocks, fits the same', (variance) => {
    const values = new Int32Array(draws);
    addDiscreteGaussianNoise(values, variance, seededResearchRandom(5));
    // Within a step of 1/500 of the deviation the density is linear: cells of as many integers.
    const cell = Math.round(Math.sqrt(variance) / 500);
    const cells = values.map((value) => Math.floor(value / cell));
    const pmf = (x: number) => {
      const middle = ((x + 0.5) * cell - 0.5) / Math.sqrt(variance);
      return (cell / Math.sqrt(2 * Math.PI * variance)) * Math.exp((-middle * middle) / 2);
    };
    expectFit(cells, pmf);
    // Every integer of a block is as likely: the low bits are uniform.
    const low = new Array(16).fill(0);
    for (const value of values) low[value & 15]++;
    for (const count of low) expect(Math.abs(count - draws / 16)).toBeLessThan(6 * Math.sqrt(draws / 16));
  });

  it('is distributed as the sampler of the paper', () => {
    const random = seededResearchRandom(11);
    for (const variance of [0.3, 5.5]) {
      const exact = Int32Array.from({ length: 40_000 }, () => exactDiscreteGaussian(fractionOf(variance), random));
      const pmf = pmfOf(discreteGaussian(variance));
      expectFit(exact, (x) => pmf[Math.abs(x)] ?? 0);
    }
  });
});

describe('Skellam noise', () => {
  it.each([0.01, 0.5, 4, 25])('of variance %f has the probabilities of the Bessel series', (variance) => {
    const pmf = pmfOf(skellam(variance));
    const expected = skellamPmf(variance, 30);
    expected.forEach((value, x) => {
      expect(Math.abs(pmf[x] - value)).toBeLessThan(1e-14);
    });
  });

  it('has its variance, small or large', () => {
    for (const variance of [0.01, 3, 1000, 2 ** 20 + 0.5]) {
      const actual = pmfOf(skellam(variance)).reduce((sum, value, x) => sum + 2 * x * x * value, 0);
      expect(Math.abs(actual / variance - 1)).toBeLessThan(1e-9);
    }
  });

  it('is closed under sums: of three shares as of one', () => {
    const values = new Int32Array(draws);
    for (let share = 0; share < 3; share++) addSkellamNoise(values, 4 / 3, seededResearchRandom(20 + share));
    const pmf = skellamPmf(4, 40);
    expectFit(values, (x) => pmf[Math.abs(x)] ?? 0);
  });
});

describe.each([
  ['discrete Gaussian', addDiscreteGaussianNoise],
  ['Skellam', addSkellamNoise],
])('%s noise', (_, add) => {
  it('is added modulo 2^32, only where asked, and differs from call to call', () => {
    const [one, other] = [new Uint32Array(200).fill(1000), new Uint32Array(200).fill(1000)];
    add(one, 1e6, systemRandom, 5, 195);
    add(other, 1e6, systemRandom, 5, 195);
    expect(one).not.toEqual(other);
    for (let i = 0; i < 200; i++) if (i < 5 || i >= 195) expect(one[i]).toBe(1000);
    // One in six wraps below zero: that none of 190 does has a chance of 1e-14.
    expect(one.some((value) => value > 2 ** 31)).toBe(true);
  });

  it('is independent between neighbours', () => {
    const values = new Int32Array(200_000);
    add(values, 50, seededResearchRandom(9));
    let covariance = 0;
    for (let i = 1; i < values.length; i++) covariance += values[i] * values[i - 1];
    expect(Math.abs(covariance / values.length / 50)).toBeLessThan(6 / Math.sqrt(values.length));
  });

  it('is further from its distribution than 2^-100 in no draw', () => {
    for (const variance of [0.25, 1e6]) {
      for (const table of [discreteGaussian(variance), skellam(variance)]) {
        expect(table.distance).toBeGreaterThan(0);
        expect(table.distance).toBeLessThan(2 ** -100);
      }
    }
  });

  it('refuses a variance that is none', () => {
    for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e300]) {
      expect(() => add(new Int32Array(1), bad, systemRandom)).toThrow(RangeError);
    }
  });
});

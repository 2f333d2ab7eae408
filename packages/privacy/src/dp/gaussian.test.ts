import { describe, expect, it } from 'vitest';
import { seededResearchRandom } from '../random/keystream.ts';
import { systemRandom } from '../random/secure-random.ts';
import { addGaussianNoise } from './gaussian.ts';

const draws = 200_000;

/** Standard normal distribution function (Abramowitz and Stegun 7.1.26, error below 1.5e-7). */
function normalCdf(x: number): number {
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = 0.5 * poly * Math.exp((-x * x) / 2);
  return x >= 0 ? 1 - tail : tail;
}

describe('Gaussian noise', () => {
  it.each([0.03, 2.5, 700])('has standard deviation %f and the normal shape', (standardDeviation) => {
    const noise = new Float32Array(draws);
    addGaussianNoise(noise, standardDeviation, seededResearchRandom(Math.round(standardDeviation * 100)));
    const sorted = [...noise].sort((a, b) => a - b);
    let distance = 0;
    let sum = 0;
    let squares = 0;
    sorted.forEach((value, i) => {
      const expected = normalCdf(value / standardDeviation);
      distance = Math.max(distance, Math.abs(expected - i / draws), Math.abs(expected - (i + 1) / draws));
      sum += value;
      squares += value * value;
    });
    // Kolmogorov-Smirnov: false alarm 2 exp(-2 * 2.4^2) = 2e-5. The seed is fixed, so that a pass stays a pass.
    expect(distance * Math.sqrt(draws)).toBeLessThan(2.4);
    // Mean and variance: five standard errors, false alarm 6e-7 each.
    expect(Math.abs(sum / draws) / standardDeviation).toBeLessThan(5 / Math.sqrt(draws));
    expect(Math.abs(squares / draws / standardDeviation ** 2 - 1)).toBeLessThan(5 * Math.sqrt(2 / draws));
  });

  it('reaches as far as it should: the counts beyond 3 and 4 standard deviations', () => {
    const noise = new Float32Array(2_000_000);
    addGaussianNoise(noise, 0.2, seededResearchRandom(11));
    for (const [beyond, probability] of [
      [3, 2.699796e-3],
      [4, 6.334248e-5],
    ]) {
      const expected = probability * noise.length;
      const count = noise.reduce((sum, value) => sum + Number(Math.abs(value) > beyond * 0.2), 0);
      // Poisson, five standard errors: false alarm below 1e-5 (126 expected beyond 4).
      expect(Math.abs(count - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  });

  it('is independent between neighbouring coordinates', () => {
    const noise = new Float32Array(draws);
    addGaussianNoise(noise, 1, seededResearchRandom(5));
    for (const lag of [1, 2]) {
      let covariance = 0;
      for (let i = lag; i < draws; i++) covariance += noise[i] * noise[i - lag];
      // Five standard errors: false alarm 6e-7.
      expect(Math.abs(covariance / draws)).toBeLessThan(5 / Math.sqrt(draws));
    }
  });

  it('is added only where asked, also to an odd number of coordinates', () => {
    const vector = new Float32Array(9).fill(1);
    addGaussianNoise(vector, 3, systemRandom, 2, 7);
    vector.forEach((value, i) => expect(value !== 1).toBe(i >= 2 && i < 7));
  });

  it('differs from call to call', () => {
    const [a, b] = [new Float32Array(4), new Float32Array(4)];
    addGaussianNoise(a, 1, systemRandom);
    addGaussianNoise(b, 1, systemRandom);
    expect(a).not.toEqual(b);
  });

  it('refuses a standard deviation that is none', () => {
    for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => addGaussianNoise(new Float32Array(1), bad, systemRandom)).toThrow(RangeError);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { seededResearchRandom } from '../random/keystream.ts';
import { nextClipNorm, splitNoiseMultiplier } from './adaptive-clipping.ts';
import { addGaussianNoise } from './gaussian.ts';

describe('the split of the noise multiplier', () => {
  it.each([
    [1, 5, 1.00503782],
    [1, 1, 1.15470054],
    [0.7, 2.5, 0.70696252],
  ])('of %f with %f for the indicator leaves %f', (multiplier, indicator, expected) => {
    const rest = splitNoiseMultiplier(multiplier, indicator);
    expect(rest).toBeCloseTo(expected, 7);
    // What both spend together is what one Gaussian of the multiplier spends: squares of 1/z add up.
    expect(rest ** -2 + (2 * indicator) ** -2).toBeCloseTo(multiplier ** -2, 12);
  });

  it('is refused where nothing is left', () => {
    for (const [multiplier, indicator] of [
      [1, 0.5],
      [2, 0.9],
      [0, 1],
      [1, 0],
      [Number.NaN, 1],
      [1, Number.NaN],
    ]) {
      expect(() => splitNoiseMultiplier(multiplier, indicator)).toThrow(RangeError);
    }
  });
});

describe('an adaptive clip norm', () => {
  it.each([0.5, 0.9])('comes to the %f quantile of the norms from far above and far below, and stays', (quantile) => {
    // Norms with the quantile function q -> e^q: the quantile is e^quantile.
    const norms = Array.from({ length: 200 }, (_, i) => Math.exp((i + 0.5) / 200));
    const random = seededResearchRandom(2);
    for (const start of [0.05, 60]) {
      let clipNorm = start;
      for (let round = 0; round < 300; round++) {
        const tally = Float32Array.of(norms.reduce((sum, norm) => sum + (norm <= clipNorm ? 0.5 : -0.5), 0));
        addGaussianNoise(tally, 10, random);
        clipNorm = nextClipNorm(clipNorm, tally[0], 200, { quantile, learningRate: 0.2 });
      }
      expect(Math.abs(Math.log(clipNorm) - quantile)).toBeLessThan(0.08);
    }
  });

  it('moves by its learning rate at most, whatever the noise says', () => {
    const rate = { quantile: 0.5, learningRate: 0.2 };
    expect(nextClipNorm(1, 1e9, 100, rate)).toBeCloseTo(Math.exp(-0.1), 12);
    expect(nextClipNorm(1, -1e9, 100, rate)).toBeCloseTo(Math.exp(0.1), 12);
    expect(nextClipNorm(3, 0, 100, rate)).toBe(3);
  });
});

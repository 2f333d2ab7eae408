import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSum, encodeSection, scaleFor } from '../encoding/index.ts';
import { seededResearchRandom } from '../random/index.ts';
import { addNoiseShare } from './add-noise-share.ts';
import {
  multiplierOfShare,
  type NoiseDemand,
  type NoisyVector,
  noiseOnSum,
  noiseShareEvent,
  noiseShareOf,
  vectorSensitivity,
} from './noise-shares.ts';

const roundHash = new Uint8Array(32).fill(3);

function vectorOf(length: number, evaluation: number, devices: number): NoisyVector {
  const contribution = { length, bits: 20, bound: 2, kind: 'rotated' } as const;
  const metrics = { length: evaluation + 1, bits: 32, bound: 1, kind: 'plain' } as const;
  const noise = { maximumSummed: devices, noiseStandardDeviation: 8 };
  return {
    contribution: { ...contribution, section: 0, scale: scaleFor({ ...contribution, ...noise }) },
    metrics: { ...metrics, section: 1, scale: 256 },
    metricsUnit: 0.02,
  };
}
const demand: NoiseDemand = {
  mechanism: 'discrete-gaussian',
  noiseMultiplier: 1.25,
  noises: 40,
  indicatorStandardDeviation: null,
};

/** Sum of the shares of so many devices on vectors of zeros, decoded. */
function sumOfShares(vector: NoisyVector, one: NoiseDemand, devices: number) {
  const share = noiseShareOf(vector, one);
  const random = seededResearchRandom(7);
  const sums = [new Uint32Array(vector.contribution.length), new Uint32Array(vector.metrics.length)] as const;
  for (let device = 0; device < devices; device++) {
    const encoded = [
      encodeSection(new Float32Array(vector.contribution.length), vector.contribution, roundHash, random),
      encodeSection(new Float32Array(vector.metrics.length), vector.metrics, roundHash, random),
    ] as const;
    addNoiseShare(encoded, share, vector, random);
    for (const [section, values] of encoded.entries()) {
      const { bits } = section === 0 ? vector.contribution : vector.metrics;
      values.forEach((value, i) => {
        expect(value < 2 ** bits).toBe(true);
        sums[section][i] += value;
      });
    }
  }
  return {
    contribution: decodeSum(sums[0], vector.contribution, roundHash).values,
    metrics: decodeSum(sums[1], vector.metrics, roundHash).values,
  };
}
const deviationOf = (values: Float32Array) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);

describe('the shares of the noise', () => {
  it.each<[NoiseDemand['mechanism'], number]>([
    ['discrete-gaussian', 40],
    ['discrete-gaussian', 53],
    ['skellam', 40],
  ])(
    'of %s: those of %i devices make the promised standard deviation, more where more are there',
    (mechanism, devices) => {
      const vector = vectorOf(4096, 6, 60);
      const { contribution } = sumOfShares(vector, { ...demand, mechanism }, devices);
      const promised = 1.25 * vectorSensitivity(vector);
      const expected = promised * Math.sqrt(devices / 40);
      expect(noiseOnSum(noiseShareOf(vector, demand), vector.contribution, devices)).toBeCloseTo(expected, 9);
      // Six standard errors of the estimate.
      expect(Math.abs(deviationOf(contribution) / expected - 1)).toBeLessThan(6 / Math.sqrt(2 * 4096));
    },
  );

  it('have the same standard deviation on metrics, in units of the contribution, and their own on the indicator', () => {
    const vector = vectorOf(16, 600, 60);
    const { metrics } = sumOfShares(vector, { ...demand, indicatorStandardDeviation: 3 }, 40);
    const expected = 1.25 * vectorSensitivity(vector);
    const measured = deviationOf(metrics.subarray(0, 600)) * vector.metricsUnit;
    expect(Math.abs(measured / expected - 1)).toBeLessThan(6 / Math.sqrt(1200));
    expect(metrics[600]).not.toBe(0);
    const without = sumOfShares(vector, demand, 40);
    expect(without.metrics[600]).toBe(0);
  });

  it('reach the noise multiplier that they were made for, whatever the vector and the demand', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 0, max: 6 }),
        fc.double({ min: 0.3, max: 30, noNaN: true }),
        fc.integer({ min: 1, max: 10_000 }),
        (length, evaluation, noiseMultiplier, noises) => {
          const vector = vectorOf(length, evaluation, 60);
          const share = noiseShareOf(vector, { ...demand, noiseMultiplier, noises });
          expect(multiplierOfShare(share, vector)).toBeCloseTo(noiseMultiplier, 9);
          const event = noiseShareEvent(share, vector);
          if (event.mechanism !== 'distributed-discrete-gaussian') throw new Error('another mechanism');
          // KLS21, theorem 1, without tau: 1 / z.
          const epsilon = event.sensitivity / (Math.sqrt(event.noises) * event.localStandardDeviation);
          expect(epsilon).toBeCloseTo(1 / noiseMultiplier, 9);
          expect(event.dimension).toBe(length + evaluation);
        },
      ),
    );
  });

  it('pay for the indicator out of the same noise multiplier', () => {
    const vector = vectorOf(100, 6, 60);
    const share = noiseShareOf(vector, { ...demand, noiseMultiplier: 1.15470054, indicatorStandardDeviation: 1 });
    // Andrew et al. 2021, theorem 1: z = 1 and sigma_b = 1 leave the contributions 1.1547.
    expect(multiplierOfShare(share, vector)).toBeCloseTo(1, 6);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastBits, scaleFor } from './scale.ts';
import { EncodingError } from './section.ts';
import { roundedSensitivity } from './sensitivity.ts';

/** The worked example of the privacy reference, section 4: b, s, Delta / C, s with sigma = 1, Delta / C. */
const example = { length: 2 ** 20, bound: 1, maximumSummed: 1000, kind: 'rotated' } as const;
const table = [
  [12, 278, 2.1, 194, 2.83],
  [14, 1113, 1.101, 777, 1.198],
  [16, 4451, 1.0067, 3110, 1.0137],
  [18, 17_803, 1.0004, 12_438, 1.0009],
  [20, 71_212, 1.00003, 49_754, 1.00006],
];
/** Within half a unit of the last digit printed. */
const expectPrinted = (actual: number, printed: number) => {
  const digits = `${printed}`.split('.')[1]?.length ?? 0;
  expect(Math.abs(actual - printed)).toBeLessThanOrEqual(0.51 * 10 ** -digits);
};
const plans = fc.record({
  length: fc.integer({ min: 1, max: 2 ** 22 }),
  bound: fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
  kind: fc.constantFrom('rotated' as const, 'plain' as const),
  maximumSummed: fc.integer({ min: 1, max: 100_000 }),
  noiseStandardDeviation: fc.constantFrom(0, 0.1, 3),
});

describe('the scale of a rotated section', () => {
  it.each(table)(
    'at %i bits is that of the worked example, as is the sensitivity',
    (bits, s, delta, noisy, noisyDelta) => {
      const quiet = scaleFor({ ...example, bits });
      expectPrinted(quiet, s);
      expectPrinted(roundedSensitivity({ ...example, scale: quiet }), delta);
      const scale = scaleFor({ ...example, bits, noiseStandardDeviation: 1 });
      expectPrinted(scale, noisy);
      expectPrinted(roundedSensitivity({ ...example, scale }), noisyDelta);
    },
  );

  it('grows where the vectors are known to point apart', () => {
    const half = scaleFor({ ...example, bits: 16, alignment: 0.5 });
    expect(half / scaleFor({ ...example, bits: 16 })).toBeCloseTo(2, 10);
  });
});

describe('the scale of a plain section', () => {
  it('takes all of the range that the sum leaves, with the bound on the grid', () => {
    expect(scaleFor({ kind: 'plain', bits: 24, length: 5, bound: 1, maximumSummed: 1000 })).toBe(8388);
    expect(scaleFor({ kind: 'plain', bits: 16, length: 1, bound: 0.3, maximumSummed: 10 }) * 0.3).toBeCloseTo(3276, 9);
    expect(scaleFor({ kind: 'plain', bits: 8, length: 1, bound: 1, maximumSummed: 127 })).toBe(1);
  });

  it('leaves room for noise', () => {
    const options = { kind: 'plain', bits: 24, length: 5, bound: 1, maximumSummed: 1000 } as const;
    const scale = scaleFor({ ...options, noiseStandardDeviation: 50 });
    const deviations = Math.sqrt(2 * Math.log(10 * 2 ** 20));
    expect(1000 * scale + deviations * 50 * scale).toBeLessThan(2 ** 23);
    expect(1000 * (scale + 1) + deviations * 50 * (scale + 1)).toBeGreaterThan(2 ** 23 - 1);
  });
});

describe('the width', () => {
  it('is the least at which there is a scale, and what the refusal of a lesser one names', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const bits = leastBits(plan);
        expect(scaleFor({ ...plan, bits })).toBeGreaterThan(0);
        if (bits > 8) expect(() => scaleFor({ ...plan, bits: bits - 1 })).toThrow(`take at least ${bits}`);
      }),
    );
  });

  it('follows the scale that is asked for', () => {
    expect(leastBits({ ...example, leastScale: 4450 })).toBe(16);
    expect(leastBits({ ...example, leastScale: 4452 })).toBe(17);
    expect(() => leastBits({ ...example, leastScale: 1e12 })).toThrow(EncodingError);
  });

  it('may not exist', () => {
    const crowd = { ...example, kind: 'plain', maximumSummed: 2 ** 31 } as const;
    expect(() => leastBits(crowd)).toThrow(EncodingError);
    expect(() => scaleFor({ ...crowd, bits: 32 })).toThrow('even 32 are');
  });

  it.each([
    { bits: 7 },
    { bits: 33 },
    { bits: 12.5 },
    { length: 0 },
    { bound: 0 },
    { bound: Number.NaN },
    { maximumSummed: 0 },
    { maximumSummed: 1.5 },
    { wrapProbability: 0 },
    { wrapProbability: 1 },
    { noiseStandardDeviation: -1 },
    { noiseStandardDeviation: Number.POSITIVE_INFINITY },
    { alignment: 0 },
    { alignment: 1.1 },
  ])('is not chosen for %o', (wrong) => {
    expect(() => scaleFor({ ...example, bits: 16, ...wrong })).toThrow(EncodingError);
  });
});

describe('the sensitivity', () => {
  it.each([
    [2 ** 16, 1e3, 1.008718],
    [2 ** 20, 2 ** 8, 2.23868684],
    [2 ** 10, 100, 1.01843016],
  ])('of %i coordinates at scale %d is that of KLS21', (length, scale, delta) => {
    expect(roundedSensitivity({ length, scale, bound: 1, kind: 'rotated' })).toBeCloseTo(delta, 8);
  });

  it('never passes (C + sqrt(d) / s), and falls to C as the grid grows finer', () => {
    for (const beta of [1e-12, 0.5]) {
      const section = { length: 100, scale: 2, bound: 1, kind: 'rotated' } as const;
      expect(roundedSensitivity(section, beta)).toBeLessThanOrEqual((1 + 10 / 2) * (1 + 1e-11));
      expect(roundedSensitivity({ ...section, scale: 1e9 }, beta)).toBeCloseTo(1, 7);
    }
  });

  it('of a plain section is the bound, rounded up to the grid, in every coordinate', () => {
    const section = { length: 4, bound: 0.3, kind: 'plain' } as const;
    expect(roundedSensitivity({ ...section, scale: 10 })).toBeCloseTo(0.6, 12);
    expect(roundedSensitivity({ ...section, scale: 1 })).toBe(2);
    expect(roundedSensitivity({ ...section, scale: 4 })).toBe(1);
  });
});

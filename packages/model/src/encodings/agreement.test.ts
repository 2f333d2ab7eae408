import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodingAgreement } from './agreement.ts';

const onCircle = (...degrees: number[]) =>
  Float32Array.from(
    degrees.flatMap((degree) => [Math.cos((degree * Math.PI) / 180), Math.sin((degree * Math.PI) / 180)]),
  );

describe('the agreement of two encoders', () => {
  it('is whole where one is the other turned and scaled', () => {
    // Each gap a half larger than the one before, so that no two neighbours are equally near.
    const powers = fc.uniqueArray(fc.integer({ min: 0, max: 11 }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(powers, fc.integer({ min: 1, max: 9 }), (exponents, scale) => {
        const degrees = exponents.map((exponent) => 1.5 ** exponent);
        const turned = onCircle(...degrees.map((degree) => degree + 60)).map((value) => value * scale);
        const { meanCosine, minimumCosine, neighbourOverlap } = encodingAgreement(onCircle(...degrees), turned, 2, 1);
        expect(meanCosine).toBeCloseTo(0.5, 5);
        expect(minimumCosine).toBeCloseTo(0.5, 5);
        expect(neighbourOverlap).toBe(1);
      }),
    );
  });

  it('counts the neighbours that both have', () => {
    // The first, 0°, has 10° and 30° as its neighbours, and by the other encoder 10° and 170° (at 20° there).
    const result = encodingAgreement(onCircle(0, 10, 30, 170), onCircle(0, 10, 90, 20), 2, 2);
    // The overlaps, row by row: {1,2}/{1,3}, {0,2}/{0,3}, {0,1}/{1,3}, {1,2}/{0,1}
    expect(result.neighbourOverlap).toBe(4 / 8);
    expect(result.minimumCosine).toBeCloseTo(Math.cos((150 * Math.PI) / 180), 5);
  });

  it('does not take a direction that all texts share for agreement about them', () => {
    // Both far along the first axis; along the second, each text is where the other encoder has the other text.
    const { meanCosine, centredCosine } = encodingAgreement(
      Float32Array.of(9, 1, 9, -1),
      Float32Array.of(9, -1, 9, 1),
      2,
    );
    expect(meanCosine).toBeCloseTo(80 / 82, 6);
    expect(centredCosine).toBeCloseTo(-1, 6);
  });

  it('compares all others where there are fewer than asked for, and knows a vector of zeros', () => {
    const result = encodingAgreement(onCircle(0, 10), new Float32Array(4), 2);
    expect(result).toEqual({
      texts: 2,
      meanCosine: 0,
      minimumCosine: 0,
      centredCosine: 0,
      neighbours: 1,
      neighbourOverlap: 1,
    });
  });

  it.each([
    [4, 6],
    [2, 2],
    [5, 5],
  ])('is not defined for %i and %i values of width 2', (one, two) => {
    expect(() => encodingAgreement(new Float32Array(one), new Float32Array(two), 2)).toThrow(RangeError);
  });
});

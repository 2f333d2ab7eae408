import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClippingError, clipFactor, clipInPlace, isWithinClip, l2Norm } from './clipping.ts';

const vectors = fc.float32Array({
  noNaN: true,
  noDefaultInfinity: true,
  min: Math.fround(-1e18),
  max: Math.fround(1e18),
  minLength: 1,
  maxLength: 50,
});
const norms = fc.double({ min: 1e-6, max: 1e6, noNaN: true });

describe('clipping', () => {
  it('never leaves a norm above the clip norm, and keeps the direction', () => {
    fc.assert(
      fc.property(vectors, norms, (vector, clipNorm) => {
        const clipped = vector.slice();
        const factor = clipInPlace(clipped, clipNorm);
        expect(isWithinClip(l2Norm(clipped), clipNorm)).toBe(true);
        expect(factor).toBeGreaterThan(0);
        expect(factor).toBeLessThanOrEqual(1);
        for (let i = 0; i < vector.length; i++) {
          expect(Math.abs(clipped[i] - factor * vector[i])).toBeLessThanOrEqual(1e-6 * clipNorm + 1e-40);
        }
      }),
    );
  });

  it('leaves short vectors and the zero vector alone', () => {
    const short = Float32Array.from([0.3, -0.4]);
    expect(clipInPlace(short, 0.6)).toBe(1);
    expect([...short]).toEqual([Math.fround(0.3), Math.fround(-0.4)]);
    expect(clipInPlace(new Float32Array(3), 1)).toBe(1);
  });

  it('comes to an end at the smallest numbers that there are', () => {
    const smallest = 2 ** -149;
    for (const [count, clipNorm] of [
      [1000, 4e-44],
      [3, smallest],
      [1, smallest / 4],
    ]) {
      const vector = new Float32Array(count).fill(smallest);
      clipInPlace(vector, clipNorm);
      expect(isWithinClip(l2Norm(vector), clipNorm)).toBe(true);
    }
  });

  it('refuses NaN, infinity and clip norms that are no bound', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => clipInPlace(Float32Array.from([1, bad]), 1)).toThrow(ClippingError);
      expect(() => clipFactor(1, bad)).toThrow(ClippingError);
    }
    for (const bad of [0, -1]) expect(() => clipFactor(1, bad)).toThrow(ClippingError);
  });
});

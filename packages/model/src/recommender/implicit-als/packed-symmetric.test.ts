import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addOuter, packedSize, unpackSymmetric } from './packed-symmetric.ts';

const vectors = fc
  .array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: 1, maxLength: 9 })
  .map((values) => Float32Array.from(values));

describe('a packed symmetric matrix', () => {
  it('unpacks to the sum of outer products that it was made of', () => {
    fc.assert(
      fc.property(vectors, fc.double({ min: 0.1, max: 3, noNaN: true }), (x, factor) => {
        const d = x.length;
        const packed = new Float32Array(packedSize(d));
        addOuter(packed, x, factor);
        addOuter(packed, x.slice().reverse(), factor);
        const full = unpackSymmetric(packed, d, 1 / factor);
        for (let i = 0; i < d; i++) {
          for (let j = 0; j < d; j++) {
            expect(full[i * d + j]).toBeCloseTo(x[i] * x[j] + x[d - 1 - i] * x[d - 1 - j], 3);
            expect(full[i * d + j]).toBe(full[j * d + i]);
          }
        }
      }),
    );
  });

  it("has the matrix's Frobenius norm, which of x x^T is |x|^2", () => {
    fc.assert(
      fc.property(vectors, (x) => {
        const packed = new Float32Array(packedSize(x.length));
        addOuter(packed, x, 1);
        expect(Math.hypot(...packed)).toBeCloseTo(Math.hypot(...x) ** 2, 3);
      }),
    );
  });
});

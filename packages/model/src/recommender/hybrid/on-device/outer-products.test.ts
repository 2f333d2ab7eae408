import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../../random/seeded.ts';
import { addOuterProducts } from './outer-products.ts';

test('is the sum of outer products, whatever the shapes, added to what was there', () => {
  const size = fc.integer({ min: 1, max: 11 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 6 }), size, size, fc.integer({ min: 0, max: 1e6 }), (rows, k, w, seed) => {
      const random = seededRandom(seed);
      const draw = (length: number) => Float32Array.from({ length }, () => random.gaussian());
      const [left, right, before] = [draw(rows * k), draw(rows * w), draw(k * w)];
      const out = before.slice();
      addOuterProducts(out, left, right, rows);
      for (let i = 0; i < k; i++) {
        for (let j = 0; j < w; j++) {
          let expected = before[i * w + j];
          for (let r = 0; r < rows; r++) expected += left[r * k + i] * right[r * w + j];
          expect(out[i * w + j]).toBeCloseTo(expected, 5);
        }
      }
    }),
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCosineIndex } from './cosine-index.ts';

const tables = fc.integer({ min: 1, max: 12 }).chain((width) =>
  fc.record({
    width: fc.constant(width),
    rows: fc.array(fc.array(fc.integer({ min: -5, max: 5 }), { minLength: width, maxLength: width }), {
      minLength: 1,
      maxLength: 20,
    }),
  }),
);

const norm = (row: readonly number[]) => Math.hypot(...row);
const cosine = (a: readonly number[], b: readonly number[]) =>
  norm(a) * norm(b) === 0 ? 0 : a.reduce((sum, value, k) => sum + value * b[k], 0) / (norm(a) * norm(b));

describe('createCosineIndex', () => {
  it('measures the angle between any two vectors, and none to a zero one', () => {
    fc.assert(
      fc.property(tables, ({ width, rows }) => {
        const index = createCosineIndex({ values: Float32Array.from(rows.flat()), width });
        rows.forEach((row, item) => {
          const cosines = index.cosines(index.vectorOf(item));
          rows.forEach((other, at) => {
            expect(cosines[at]).toBeCloseTo(cosine(row, other), 5);
            expect(index.between(item, at)).toBeCloseTo(cosine(row, other), 5);
          });
        });
      }),
    );
  });

  it("leaves out rows after the items', such as a person's own text", () => {
    const index = createCosineIndex({ values: Float32Array.of(1, 0, 0, 1, 1, 1), width: 2 }, 2);
    expect([...index.cosines(Float32Array.of(3, 0))]).toEqual([1, 0]);
  });
});

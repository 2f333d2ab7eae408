import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choleskySolveInPlace } from './cholesky.ts';

const systems = fc.integer({ min: 1, max: 10 }).chain((d) => {
  const entry = fc.double({ min: -3, max: 3, noNaN: true });
  const vector = (length: number) => fc.array(entry, { minLength: length, maxLength: length });
  return fc.record({ d: fc.constant(d), root: vector(d * d), solution: vector(d) });
});

/** R R^T + I [d * d]: positive definite. */
function positiveDefinite(root: readonly number[], d: number): Float64Array {
  return Float64Array.from({ length: d * d }, (_, at) => {
    const [i, j] = [Math.floor(at / d), at % d];
    let sum = i === j ? 1 : 0;
    for (let k = 0; k < d; k++) sum += root[i * d + k] * root[j * d + k];
    return sum;
  });
}

describe("Cholesky's solve", () => {
  it('finds the solution that a right-hand side was made from', () => {
    fc.assert(
      fc.property(systems, ({ d, root, solution }) => {
        const a = positiveDefinite(root, d);
        const b = Float64Array.from({ length: d }, (_, i) => {
          let sum = 0;
          for (let j = 0; j < d; j++) sum += a[i * d + j] * solution[j];
          return sum;
        });
        expect(choleskySolveInPlace(a, b, d)).toBe(true);
        b.forEach((value, i) => {
          expect(Math.abs(value - solution[i])).toBeLessThan(1e-9);
        });
      }),
    );
  });

  it('reads the lower triangle only', () => {
    const b = Float64Array.of(2, 3);
    expect(choleskySolveInPlace(Float64Array.of(1, Number.NaN, 0, 1), b, 2)).toBe(true);
    expect([...b]).toEqual([2, 3]);
  });

  it.each([
    ['indefinite', [1, 2, 2, 1]],
    ['singular', [1, 1, 1, 1]],
    ['not a number', [Number.NaN, 0, 0, 1]],
  ])('says so when the matrix is %s', (_, matrix) => {
    expect(choleskySolveInPlace(Float64Array.from(matrix), Float64Array.of(1, 1), 2)).toBe(false);
  });
});

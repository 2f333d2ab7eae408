import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { symmetricEigen } from './symmetric-eigen.ts';

/** Made by test/golden/symmetric_eigen.py: eigenvalues by numpy.linalg.eigvalsh, rising. */
const golden = JSON.parse(
  readFileSync(new URL('../../../../test/golden/symmetric-eigen.json', import.meta.url), 'utf8'),
) as { readonly name: string; readonly matrix: number[][]; readonly values: number[] }[];

function symmetric(d: number, entries: readonly number[]): Float64Array {
  const matrix = new Float64Array(d * d);
  for (let i = 0, at = 0; i < d; i++) {
    for (let j = 0; j <= i; j++, at++) matrix[i * d + j] = matrix[j * d + i] = entries[at];
  }
  return matrix;
}

/** Largest deviation from A = sum of value * vector vector^T, and from an orthonormal basis. */
function deviations(matrix: Float64Array, d: number): { decomposition: number; basis: number } {
  const { values, vectors } = symmetricEigen(matrix, d);
  let decomposition = 0;
  let basis = 0;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) {
      let rebuilt = 0;
      let product = 0;
      for (let k = 0; k < d; k++) {
        rebuilt += values[k] * vectors[k * d + i] * vectors[k * d + j];
        product += vectors[i * d + k] * vectors[j * d + k];
      }
      decomposition = Math.max(decomposition, Math.abs(rebuilt - matrix[i * d + j]));
      basis = Math.max(basis, Math.abs(product - (i === j ? 1 : 0)));
    }
  }
  return { decomposition, basis };
}

describe('the symmetric eigendecomposition', () => {
  it.each(golden)("has NumPy's eigenvalues: $name", ({ matrix, values }) => {
    const found = symmetricEigen(Float64Array.from(matrix.flat()), matrix.length).values.slice().sort();
    const largest = Math.max(...values.map(Math.abs));
    found.forEach((value, i) => {
      expect(Math.abs(value - values[i])).toBeLessThan(1e-12 * largest);
    });
  });

  it('rebuilds any symmetric matrix from an orthonormal basis', () => {
    const entry = fc.double({ min: -100, max: 100, noNaN: true });
    const cases = fc
      .integer({ min: 1, max: 12 })
      .chain((d) =>
        fc.tuple(fc.constant(d), fc.array(entry, { minLength: (d * (d + 1)) / 2, maxLength: (d * (d + 1)) / 2 })),
      );
    fc.assert(
      fc.property(cases, ([d, entries]) => {
        const { decomposition, basis } = deviations(symmetric(d, entries), d);
        expect(decomposition).toBeLessThan(1e-10 * Math.max(1, ...entries.map(Math.abs)));
        expect(basis).toBeLessThan(1e-12);
      }),
    );
  });

  it('takes diagonal, constant and zero matrices, and one of 512 dimensions and rank 1', () => {
    for (const entry of [() => 0, () => 1, (i: number, j: number) => (i === j ? i : 0)]) {
      const matrix = Float64Array.from({ length: 49 }, (_, at) => entry(Math.floor(at / 7), at % 7));
      expect(deviations(matrix, 7).decomposition).toBeLessThan(1e-13);
    }
    const x = Float64Array.from({ length: 512 }, (_, i) => Math.sin(i));
    const { values } = symmetricEigen(
      Float64Array.from({ length: 512 * 512 }, (_, at) => x[at >> 9] * x[at & 511]),
      512,
    );
    const sorted = values.slice().sort();
    expect(sorted[511]).toBeCloseTo(
      x.reduce((sum, value) => sum + value * value, 0),
      8,
    );
    expect(Math.abs(sorted[510])).toBeLessThan(1e-10);
  });

  it('takes entries so far apart that their products underflow', () => {
    const matrix = symmetric(
      4,
      [1.4211027091673994e-14, 0, 0, 0, -7.20412420493786e-279, 0, 8.799013233328989e-60, 0, -8e-16, 0],
    );
    const { decomposition, basis } = deviations(matrix, 4);
    expect(decomposition).toBeLessThan(1e-28);
    expect(basis).toBeLessThan(1e-12);
  });

  it('refuses what is not finite', () => {
    expect(() => symmetricEigen(Float64Array.of(1, Number.NaN, Number.NaN, 1), 2)).toThrow(RangeError);
  });
});

/** The coordinator's step. */
import { symmetricEigen } from '../../linear-algebra/symmetric-eigen.ts';
import type { ImplicitAlsSpecification } from '../specification.ts';

/** What the coordinator knows of a round: sums over local solves, the groups' scales divided out. */
export interface ImplicitAlsSums {
  /** g [M * d], of (x.v_i - 1) x */
  readonly rows: Float32Array;
  /** c [M], of items' occurrences */
  readonly counts: Float32Array;
  /** H [d * d], of x x^T */
  readonly outer: Float64Array;
  /** n, how many solves, > 0 */
  readonly solves: number;
}

/**
 * H's eigenvalues are floored at this share of the largest. Sums of x x^T have none below zero, but noise and rounding make
 * some, and a direction that no device uses must not move without bound.
 */
const eigenvalueFloor = 1e-6;

/**
 * The quasi-Newton step before damping [M * d]: minus the whole-data gradient g_i + a0 H v_i + r_i v_i over the curvature
 * (a0 + c_i / n) H + r_i, r_i = lambda (c_i + a0 n), both in H's eigenbasis, which all items share.
 *
 * Gradient and curvature are both homogeneous of degree one in (g, c, H, n), so the step is of degree zero: the sums of a cohort
 * stand for those of the population, whose size is not needed.
 */
export function newtonDirection(
  { itemCount, dimension: d, unobservedWeight: a0, regularisation }: ImplicitAlsSpecification,
  vectors: Float32Array,
  { rows, counts, outer, solves }: ImplicitAlsSums,
): Float32Array {
  const { values, vectors: basis } = symmetricEigen(outer, d);
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  const eigenvalues = values.map((value) => Math.max(value, largest * eigenvalueFloor));
  const direction = new Float32Array(itemCount * d);
  const plain = new Float64Array(d);
  const moved = new Float64Array(d);
  for (let item = 0; item < itemCount; item++) {
    const at = item * d;
    const count = Math.max(0, counts[item]);
    const ridge = regularisation * (count + a0 * solves);
    const share = a0 + count / solves;
    for (let i = 0; i < d; i++) plain[i] = rows[at + i] + ridge * vectors[at + i];
    moved.fill(0);
    for (let j = 0; j < d; j++) {
      const row = j * d;
      let gradient = 0;
      let vector = 0;
      for (let i = 0; i < d; i++) {
        const q = basis[row + i];
        gradient += q * plain[i];
        vector += q * vectors[at + i];
      }
      // H v = Q diag(values) Q^T v: the gradient takes the eigenvalues as they are, the curvature floored.
      const curvature = share * eigenvalues[j] + ridge;
      const step = curvature > 0 ? (gradient + a0 * values[j] * vector) / curvature : 0;
      for (let i = 0; i < d; i++) moved[i] -= step * basis[row + i];
    }
    for (let i = 0; i < d; i++) direction[at + i] = moved[i];
  }
  return direction;
}

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
  /** n, how many solves */
  readonly solves: number;
}

/**
 * H's eigenvalues are floored at this share of the largest. Sums of x x^T have none below zero, but rounding makes some, and a
 * direction that no device uses must not move without bound.
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
  const floor = largest * eigenvalueFloor;
  const eigenvalues = values.map((value) => Math.max(value, floor));
  const transposed = transpose(basis, d);
  const direction = new Float32Array(itemCount * d);
  // A round that brought nothing asks for no move.
  if (!(solves > 0)) return direction;
  const plain = new Float64Array(4 * d);
  const current = new Float64Array(4 * d);
  const gradient = new Float64Array(4 * d);
  const rotated = new Float64Array(4 * d);
  for (let first = 0; first < itemCount; first += 4) {
    const block = Math.min(4, itemCount - first);
    for (let r = 0; r < block; r++) {
      const at = (first + r) * d;
      const ridge = regularisation * (Math.max(0, counts[first + r]) + a0 * solves);
      for (let i = 0; i < d; i++) {
        current[r * d + i] = vectors[at + i];
        plain[r * d + i] = rows[at + i] + ridge * vectors[at + i];
      }
    }
    fourProducts(plain, basis, d, gradient);
    fourProducts(current, basis, d, rotated);
    for (let r = 0; r < block; r++) {
      const count = Math.max(0, counts[first + r]);
      const ridge = regularisation * (count + a0 * solves);
      const share = a0 + count / solves;
      for (let j = 0; j < d; j++) {
        // H v = Q diag(values) Q^T v: the gradient takes the eigenvalues as they are, the curvature floored.
        const slope = gradient[r * d + j] + a0 * values[j] * rotated[r * d + j];
        const curvature = share * eigenvalues[j] + ridge;
        gradient[r * d + j] = curvature > 0 ? -slope / curvature : 0;
      }
    }
    fourProducts(gradient, transposed, d, current);
    direction.set(current.subarray(0, block * d), first * d);
  }
  return direction;
}

/** out[r, j] = sum_i a[r, i] b[j, i] for four rows r, so that each number of b is read once for all of them. */
function fourProducts(a: Float64Array, b: Float64Array, d: number, out: Float64Array): void {
  for (let j = 0; j < d; j++) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let i = 0, at = j * d; i < d; i++, at++) {
      const q = b[at];
      s0 += a[i] * q;
      s1 += a[d + i] * q;
      s2 += a[2 * d + i] * q;
      s3 += a[3 * d + i] * q;
    }
    out[j] = s0;
    out[d + j] = s1;
    out[2 * d + j] = s2;
    out[3 * d + j] = s3;
  }
}

function transpose(matrix: Float64Array, d: number): Float64Array {
  return matrix.map((_, at) => matrix[(at % d) * d + Math.floor(at / d)]);
}

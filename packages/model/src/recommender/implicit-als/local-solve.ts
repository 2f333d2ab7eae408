/**
 * The device's own solve (Hu, Koren, Volinsky 2008; Rendle et al. 2021): with the item vectors V [M, d] and their Gramian
 * G = V^T V, x minimises  sum_S w_i (x.v_i - 1)^2 + a0 x^T G x + lambda (sum w + a0 M) |x|^2.
 */
import { choleskySolveInPlace } from '../../linear-algebra/cholesky.ts';
import type { RecencyWeighting } from '../specification.ts';

/** G = V^T V [d * d], in float64. */
export function gramian(vectors: Float32Array, d: number): Float64Array {
  const gram = new Float64Array(d * d);
  for (let row = 0; row < vectors.length; row += d) {
    for (let i = 0; i < d; i++) {
      const vi = vectors[row + i];
      for (let j = 0; j <= i; j++) gram[i * d + j] += vi * vectors[row + j];
    }
  }
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) gram[j * d + i] = gram[i * d + j];
  return gram;
}

/** Weights of n interactions, oldest first: floor + exp(-age / timeConstant), age counted in interactions. */
export function recencyWeights(n: number, { floor, timeConstant }: RecencyWeighting): Float32Array {
  return Float32Array.from({ length: n }, (_, i) => floor + Math.exp(-(n - 1 - i) / timeConstant));
}

/**
 * @param items distinct item indices
 * @param weights [items.length], or null for 1 each
 * @returns x [d]; zero for no items
 */
export function localSolve(
  vectors: Float32Array,
  gram: Float64Array,
  d: number,
  items: Uint32Array,
  weights: Float32Array | null,
  unobservedWeight: number,
  regularisation: number,
): Float64Array {
  const b = new Float64Array(d);
  if (items.length === 0) return b;
  const a = new Float64Array(d * d);
  let weightSum = 0;
  for (let s = 0; s < items.length; s++) {
    const w = weights ? weights[s] : 1;
    weightSum += w;
    const row = items[s] * d;
    for (let i = 0; i < d; i++) {
      const wvi = w * vectors[row + i];
      b[i] += wvi;
      for (let j = 0; j <= i; j++) a[i * d + j] += wvi * vectors[row + j];
    }
  }
  const ridge = regularisation * (weightSum + unobservedWeight * (vectors.length / d));
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) a[i * d + j] += unobservedWeight * gram[i * d + j];
    a[i * d + i] += ridge;
  }
  if (!choleskySolveInPlace(a, b, d))
    throw new RangeError('The item vectors hold NaN or infinity; no user vector fits them.');
  return b;
}

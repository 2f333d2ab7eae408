/**
 * The device's own solve (Hu, Koren, Volinsky 2008; Rendle et al. 2021): with the item vectors V [M, d] and their Gramian
 * G = V^T V, x minimises  sum_S w_i (x.v_i - 1)^2 + a0 x^T G x + lambda (sum w + a0 M) |x|^2.
 */
import type { ImplicitAlsSpecification } from '../specification.ts';
import type { Kernels } from './kernels.ts';

/**
 * @param items distinct item indices
 * @param weights [items.length], or null for 1 each
 * @returns x [d]; zero for no items
 * @throws RangeError where the item vectors hold NaN or infinity
 */
export function localSolve(
  kernels: Kernels,
  specification: ImplicitAlsSpecification,
  items: Uint32Array,
  weights: Float32Array | null,
): Float32Array {
  const { itemCount, dimension, unobservedWeight, regularisation } = specification;
  if (items.length === 0) return new Float32Array(dimension);
  const weightSum = weights ? weights.reduce((sum, weight) => sum + weight, 0) : items.length;
  const ridge = regularisation * (weightSum + unobservedWeight * itemCount);
  return kernels.solve({ items, weights, unobservedWeight, ridge });
}

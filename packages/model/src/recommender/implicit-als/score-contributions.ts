/**
 * Explanations of `implicit-als` (Hu, Koren, Volinsky 2008, section 5): with A = a0 G + sum_S w v v^T + ridge I, the score of item j is
 * v_j^T A^-1 sum_S w_i v_i, a sum over the history of w_i s_ij, s_ij = v_j^T A^-1 v_i being how alike i and j are to this person.
 */
import { choleskySolveInPlace } from '../../linear-algebra/cholesky.ts';
import type { ItemContribution } from '../recommender.ts';
import type { ImplicitAlsSpecification } from '../specification.ts';
import { notPositiveDefinite } from './kernels.ts';

/**
 * @param vectors V [M * d]
 * @param gramian G [d * d]
 * @param history distinct items, and their weights [items.length], null for 1 each
 * @returns one for each of the history's items, in its order; their sum is the score
 * @throws RangeError where the item vectors hold NaN or infinity
 */
export function scoreContributions(
  { itemCount, dimension: d, unobservedWeight, regularisation }: ImplicitAlsSpecification,
  vectors: Float32Array,
  gramian: Float64Array,
  { items, weights }: { readonly items: Uint32Array; readonly weights: Float32Array | null },
  item: number,
): readonly ItemContribution[] {
  if (items.length === 0) return [];
  const a = gramian.map((value) => unobservedWeight * value);
  let weightSum = 0;
  for (let s = 0; s < items.length; s++) {
    const w = weights ? weights[s] : 1;
    weightSum += w;
    const row = items[s] * d;
    for (let i = 0; i < d; i++) {
      for (let j = 0; j <= i; j++) a[i * d + j] += w * vectors[row + i] * vectors[row + j];
    }
  }
  for (let i = 0; i < d; i++) a[i * d + i] += regularisation * (weightSum + unobservedWeight * itemCount);
  const likeness = Float64Array.from(vectors.subarray(item * d, (item + 1) * d));
  if (!choleskySolveInPlace(a, likeness, d)) throw notPositiveDefinite();
  return Array.from(items, (of, s) => {
    let dot = 0;
    for (let k = 0; k < d; k++) dot += likeness[k] * vectors[of * d + k];
    return { item: of, value: (weights ? weights[s] : 1) * dot };
  });
}

/** Items by the angle between vectors. */
import { plainKernels } from '../recommender/implicit-als/plain-kernels.ts';
import { simdKernels } from '../recommender/implicit-als/simd-kernels.ts';

export interface CosineIndex {
  /** Vector of an item, a view [width]. */
  vectorOf(item: number): Float32Array;
  /** Cosine of a vector [width] and every item's, written to out [items]; 0 where one of them is zero. */
  cosines(vector: Float32Array, out?: Float32Array): Float32Array;
  /** Of two items. */
  between(item: number, other: number): number;
}

/**
 * Lengths are computed once; a query is one pass over the table.
 *
 * @param values [at least itemCount * width], finite; not to be changed
 */
export function createCosineIndex(
  { values, width }: { readonly values: Float32Array; readonly width: number },
  itemCount: number = values.length / width,
): CosineIndex {
  const table = values.subarray(0, itemCount * width);
  const inverseLengths = new Float32Array(itemCount);
  for (let item = 0; item < itemCount; item++) inverseLengths[item] = inverseLength(table, item * width, width);
  const kernels = (simdKernels() ?? plainKernels)(table, width);
  const vectorOf = (item: number) => table.subarray(item * width, (item + 1) * width);
  return {
    vectorOf,
    cosines(vector, out = new Float32Array(itemCount)) {
      const inverse = inverseLength(vector, 0, width);
      kernels.scores(
        vector.map((value) => value * inverse),
        out,
      );
      for (let item = 0; item < itemCount; item++) out[item] *= inverseLengths[item];
      return out;
    },
    between(item, other) {
      let dot = 0;
      for (let k = 0, a = item * width, b = other * width; k < width; k++) dot += table[a + k] * table[b + k];
      return dot * inverseLengths[item] * inverseLengths[other];
    },
  };
}

function inverseLength(values: Float32Array, from: number, width: number): number {
  let squares = 0;
  for (let k = from; k < from + width; k++) squares += values[k] * values[k];
  return squares > 0 ? 1 / Math.sqrt(squares) : 0;
}

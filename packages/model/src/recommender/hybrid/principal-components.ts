/** Fewer numbers for each encoding, with most of what tells items apart. */
import { symmetricEigen } from '../../linear-algebra/symmetric-eigen.ts';
import type { Regressors } from '../implicit-als/shrinkage.ts';

export interface PrincipalComponents extends Regressors {
  /** [columns * width], a direction in each row; null where the axes are kept. */
  readonly directions: Float64Array | null;
}

/**
 * Rows about their mean, along the `components` directions of the largest variance (all directions, unrotated, where it is null or
 * not below the width).
 *
 * @param values [rows * width]
 * @returns [rows, min(components, width)]
 */
export function principalComponents(
  values: ArrayLike<number>,
  width: number,
  components: number | null,
): PrincipalComponents {
  const rows = values.length / width;
  const mean = new Float64Array(width);
  for (let at = 0; at < values.length; at++) mean[at % width] += values[at] / rows;
  const centred = Float64Array.from(values, (value, at) => value - mean[at % width]);
  if (components === null || components >= width) return { columns: width, values: centred, directions: null };
  const { values: variances, vectors } = symmetricEigen(covariance(centred, width), width);
  const largest = Array.from(variances.keys()).sort((i, j) => variances[j] - variances[i]);
  const kept = new Float64Array(rows * components);
  const directions = new Float64Array(components * width);
  for (let k = 0; k < components; k++) {
    const from = largest[k] * width;
    directions.set(vectors.subarray(from, from + width), k * width);
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += centred[row * width + i] * vectors[from + i];
      kept[row * components + k] = sum;
    }
  }
  return { columns: components, values: kept, directions };
}

/** [width * width], of rows about their mean; up to a factor. */
function covariance(centred: Float64Array, width: number): Float64Array {
  const matrix = new Float64Array(width * width);
  for (let at = 0; at < centred.length; at += width) {
    for (let i = 0; i < width; i++) {
      const value = centred[at + i];
      for (let j = 0; j <= i; j++) matrix[i * width + j] += value * centred[at + j];
    }
  }
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < i; j++) matrix[j * width + i] = matrix[i * width + j];
  }
  return matrix;
}

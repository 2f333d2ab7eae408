/** The coordinator's step of the plan `public-items`: fusion fitted to where the round's sums ask item vectors to be. */
import { choleskyInPlace, substituteInPlace } from '../../linear-algebra/cholesky.ts';
import type { Regressors } from '../implicit-als/shrinkage.ts';

/** Added to the diagonal, in rows of mean weight. Chosen on validation items. */
const ridgeRows = 30;
/** Of relative variance about the prediction: features that seem to tell all are not believed beyond it. */
const leastRelativeVariance = 0.05;

export interface RoundTargets {
  /** [M * d]: where the quadratic model of the whole-data loss has its minimum, item by item. */
  readonly vectors: Float64Array;
  /** [M], occurrences of items in the round, >= 0. */
  readonly counts: ArrayLike<number>;
  /** [M], a0 + c_i / n: curvatures of items, up to a matrix that all items share. */
  readonly curvatures: ArrayLike<number>;
}

export interface Fusion {
  /** [columns * d]: text projection and attribute vectors. */
  readonly projection: Float64Array;
  /** Interactions at which an item's own vector and its prediction count the same. */
  readonly halfTrust: number;
  /** [M * d] */
  readonly vectors: Float64Array;
}

/**
 * Item vectors v_i = p_i + gate_i (y_i - p_i) with p_i = f_i B, the gated sum of what is predicted from text and attributes and what
 * the round says of the item itself.
 *
 * B minimises sum_i k_i |f_i B - y_i|^2 over items that the round touched, k_i their curvature: the exact quadratic of the
 * whole-data loss as a function of the fusion's parameters (generalised Gauss-Newton), but for H, which would weigh directions and
 * is the same for all items. An item that nobody touched says nothing: that it is unobserved is no judgement on it.
 *
 * gate_i = c_i / (c_i + 1 / t): y_i rests on c_i events, so its relative variance is 1 / c_i, and t is the relative variance of
 * vectors about their predictions, by moments: t = sum c_i (|y_i - p_i|^2 - |p_i|^2 / c_i) / sum c_i |p_i|^2. Where features tell
 * much, more events are asked for before an item's own vector is believed. An item without any lives on its features.
 */
export function fuse({ vectors, counts, curvatures }: RoundTargets, features: Regressors): Fusion {
  const items = counts.length;
  const d = vectors.length / items;
  const projection = weightedRidge(vectors, d, { counts, curvatures }, features);
  const predicted = multiply(features, projection, d);
  let excess = 0;
  let total = 0;
  for (let i = 0; i < items; i++) {
    if (!(counts[i] > 0)) continue;
    let residual = 0;
    let size = 0;
    for (let at = i * d; at < (i + 1) * d; at++) {
      residual += (vectors[at] - predicted[at]) ** 2;
      size += predicted[at] ** 2;
    }
    excess += counts[i] * residual - size;
    total += counts[i] * size;
  }
  const halfTrust = total > 0 ? 1 / Math.max(leastRelativeVariance, excess / total) : 0;
  const fused = predicted.map((prior, at) => {
    const count = Math.max(0, counts[Math.floor(at / d)]);
    const gate = count === 0 ? 0 : count / (count + halfTrust);
    return prior + gate * (vectors[at] - prior);
  });
  return { projection, halfTrust, vectors: fused };
}

/**
 * [columns * d]: B of `fuse`, from the rows whose count is above 0.
 * @throws RangeError when targets or features are not finite
 */
export function weightedRidge(
  targets: Float64Array,
  d: number,
  { counts, curvatures }: Pick<RoundTargets, 'counts' | 'curvatures'>,
  { columns, values }: Regressors,
): Float64Array {
  const a = new Float64Array(columns * columns);
  const b = new Float64Array(columns * d);
  let weights = 0;
  let touched = 0;
  for (let item = 0, at = 0; item < counts.length; item++, at += columns) {
    if (!(counts[item] > 0)) continue;
    const weight = curvatures[item];
    weights += weight;
    touched += 1;
    for (let i = 0; i < columns; i++) {
      const weighted = weight * values[at + i];
      // Most attributes are absent from most items.
      if (weighted === 0) continue;
      for (let j = 0; j <= i; j++) a[i * columns + j] += weighted * values[at + j];
      for (let k = 0; k < d; k++) b[i * d + k] += weighted * targets[item * d + k];
    }
  }
  if (touched === 0) return b;
  for (let i = 0; i < columns; i++) a[i * columns + i] += (ridgeRows * weights) / touched;
  if (!choleskyInPlace(a, columns)) throw new RangeError('Sums and features must be finite.');
  const solved = new Float64Array(columns * d);
  for (let k = 0; k < d; k++) {
    const column = Float64Array.from({ length: columns }, (_, i) => b[i * d + k]);
    substituteInPlace(a, column, columns);
    for (let i = 0; i < columns; i++) solved[i * d + k] = column[i];
  }
  return solved;
}

/** [rows * d] */
function multiply({ columns, values }: Regressors, matrix: Float64Array, d: number): Float64Array {
  const product = new Float64Array((values.length / columns) * d);
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (value === 0) continue;
    const to = Math.floor(at / columns) * d;
    const from = (at % columns) * d;
    for (let k = 0; k < d; k++) product[to + k] += value * matrix[from + k];
  }
  return product;
}

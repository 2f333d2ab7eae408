/**
 * Noisy observations of many related numbers, each drawn towards what is predicted for it: the regression model of Fay and Herriot
 * (1979, "Estimates of income for small places"), fitted by empirical Bayes.
 */
import { choleskySolveInPlace } from '../../linear-algebra/cholesky.ts';

/** A matrix [rows * columns], row by row. */
export interface Regressors {
  readonly columns: number;
  readonly values: Float64Array;
}

export interface Shrunk {
  /** Posterior means [rows]. */
  readonly means: Float64Array;
  /** f_i . beta [rows] */
  readonly predicted: Float64Array;
  /** t, the variance about the prediction that is not noise, >= 0. */
  readonly priorVariance: number;
}

/** Regression weights depend on t, and t on the residuals: they settle within a few turns. */
const turns = 5;
/** Added to the diagonal, in rows of mean weight: regressors may depend on each other. */
const ridgeRows = 1;

/**
 * y_i = theta_i + e_i with e_i ~ N(0, v_i) and theta_i = f_i . beta + u_i with u_i ~ N(0, t). beta by ridge regression with weights
 * 1 / (t + v_i), t by moments with the squares of these weights, and theta_i's posterior mean
 * f_i . beta + t / (t + v_i) (y_i - f_i . beta). What is known well stays as observed; what noise would drown is as predicted.
 *
 * @param observed y [rows], finite
 * @param variances v [rows], each > 0
 * @param regressors f [rows, columns]
 * @param trust how far an observation is one at all [rows], in [0, 1]: by it weights are multiplied. Left out: all are
 */
export function shrinkTowardsRegression(
  observed: Float64Array,
  variances: Float64Array,
  regressors: Regressors,
  trust?: Float64Array,
): Shrunk {
  const rows = observed.length;
  let priorVariance = mean(variances);
  let predicted: Float64Array = new Float64Array(rows);
  for (let turn = 0; turn < turns; turn++) {
    const weights = variances.map((variance, i) => (trust?.[i] ?? 1) / (priorVariance + variance));
    predicted = predict(regressors, weightedRidge(observed, weights, regressors));
    let excess = 0;
    let total = 0;
    for (let i = 0; i < rows; i++) {
      const squared = weights[i] * weights[i];
      excess += squared * ((observed[i] - predicted[i]) ** 2 - variances[i]);
      total += squared;
    }
    priorVariance = total > 0 ? Math.max(0, excess / total) : 0;
  }
  const means = predicted.map(
    (prior, i) => prior + (priorVariance / (priorVariance + variances[i])) * (observed[i] - prior),
  );
  return { means, predicted, priorVariance };
}

/** beta [columns], which minimises sum_i w_i (y_i - f_i . beta)^2 + ridge |beta|^2. */
function weightedRidge(observed: Float64Array, weights: Float64Array, { columns, values }: Regressors): Float64Array {
  const a = new Float64Array(columns * columns);
  const b = new Float64Array(columns);
  for (let row = 0, at = 0; row < observed.length; row++, at += columns) {
    for (let i = 0; i < columns; i++) {
      const weighted = weights[row] * values[at + i];
      // Most attributes are absent from most items.
      if (weighted === 0) continue;
      b[i] += weighted * observed[row];
      for (let j = 0; j <= i; j++) a[i * columns + j] += weighted * values[at + j];
    }
  }
  const ridge = ridgeRows * mean(weights);
  for (let i = 0; i < columns; i++) a[i * columns + i] += ridge;
  if (!choleskySolveInPlace(a, b, columns)) throw new RangeError('Observations and variances must be finite.');
  return b;
}

function predict({ columns, values }: Regressors, coefficients: Float64Array): Float64Array {
  const predicted = new Float64Array(values.length / columns);
  for (let row = 0, at = 0; row < predicted.length; row++) {
    for (let j = 0; j < columns; j++, at++) predicted[row] += values[at] * coefficients[j];
  }
  return predicted;
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

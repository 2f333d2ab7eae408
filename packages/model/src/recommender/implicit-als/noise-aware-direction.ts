/** The coordinator's step on sums that carry Gaussian noise of known size. */
import { symmetricEigen } from '../../linear-algebra/symmetric-eigen.ts';
import type { ImplicitAlsSpecification } from '../specification.ts';
import type { ImplicitAlsSums } from './newton-direction.ts';
import { type Regressors, shrinkTowardsRegression } from './shrinkage.ts';

/** Standard deviations of the noise on each coordinate of the sums, in their units. */
export interface ImplicitAlsNoise {
  readonly rows: number;
  /** Of a packed coordinate of H. */
  readonly outer: number;
}

/**
 * Where a Newton step would take item i along eigenvector j of H is an observation with noise of variance (s / k_ij)^2, with s the
 * noise on g and k_ij = (a0 + c_i / n) h_j + lambda (c_i + a0 n) the curvature. Each direction's observations of all items are drawn
 * towards what their features predict (`shrinkTowardsRegression`); the step leads to the posterior means. All of it is
 * post-processing of the noisy sums. With no noise left it is the Newton step.
 *
 * The noise on H and c is left out of the variance: H is a sum over everybody that all items share, and a0 n outweighs c but for
 * the most popular items. H's eigenvalues are floored at the norm of their noise, in the gradient as in the curvature, so that
 * the observation is of the quadratic that has these eigenvalues.
 *
 * @param vectors [M * d]
 * @param features [M, columns], of the same items
 * @param trust [M], in [0, 1]: how far an item's observation is believed beside what is predicted for it, whatever its noise. That nobody
 *   touched an item may be no judgement on it. Left out: as far as noise lets it
 * @returns the step before damping [M * d]
 */
export function noiseAwareDirection(
  { itemCount, dimension: d, unobservedWeight: a0, regularisation }: ImplicitAlsSpecification,
  vectors: Float32Array,
  { rows, counts, outer, solves }: ImplicitAlsSums,
  noise: ImplicitAlsNoise,
  features: Regressors,
  trust?: Float64Array,
): Float32Array {
  // Noise that outweighs what the round brought asks for no move.
  if (!(solves > 0)) return new Float32Array(itemCount * d);
  const { values, vectors: basis } = symmetricEigen(outer, d);
  const floor = noiseNorm(noise.outer, d);
  const move = new Float64Array(itemCount * d);
  const observed = new Float64Array(itemCount);
  const variances = new Float64Array(itemCount);
  for (let j = 0; j < d; j++) {
    const eigenvalue = Math.max(values[j], floor);
    const axis = basis.subarray(j * d, (j + 1) * d);
    const current = along(vectors, axis);
    const gradient = along(rows, axis);
    for (let i = 0; i < itemCount; i++) {
      const count = Math.max(0, counts[i]);
      const ridge = regularisation * (count + a0 * solves);
      const curvature = (a0 + count / solves) * eigenvalue + ridge;
      observed[i] = current[i] - (gradient[i] + (a0 * eigenvalue + ridge) * current[i]) / curvature;
      variances[i] = (noise.rows / curvature) ** 2;
    }
    const { means, predicted } = shrinkTowardsRegression(observed, variances, features, trust);
    for (let i = 0, at = 0; i < itemCount; i++) {
      const target = trust ? predicted[i] + trust[i] * (means[i] - predicted[i]) : means[i];
      const step = target - current[i];
      for (let k = 0; k < d; k++, at++) move[at] += step * axis[k];
    }
  }
  return Float32Array.from(move);
}

/** Each row's coordinate along an axis [d]. */
function along(matrix: Float32Array, axis: Float64Array): Float64Array {
  const d = axis.length;
  const coordinates = new Float64Array(matrix.length / d);
  for (let i = 0, at = 0; i < coordinates.length; i++) {
    let sum = 0;
    for (let k = 0; k < d; k++, at++) sum += matrix[at] * axis[k];
    coordinates[i] = sum;
  }
  return coordinates;
}

/**
 * Spectral norm of the noise matrix for large d (Wigner's semicircle): twice the off-diagonal standard deviation, which unpacking
 * divides by sqrt(2), times sqrt(d). Eigenvalues below it cannot be told from noise.
 */
function noiseNorm(packedStandardDeviation: number, d: number): number {
  return Math.SQRT2 * packedStandardDeviation * Math.sqrt(d);
}

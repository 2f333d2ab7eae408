/** L2 clipping: no device moves the sum by more than the clip norm. */

export class ClippingError extends Error {
  override readonly name = 'ClippingError';
}

/** Slack of a recomputed norm after rounding to float32, whose unit in the last place is 2^-23. */
const tolerance = 1 + 2 ** -20;

/** L2 norm in float64. NaN or infinite where a coordinate is. */
export function l2Norm(vector: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i] * vector[i];
  return Math.sqrt(sum);
}

/**
 * The factor in (0, 1] that brings a vector of this norm within the clip norm.
 * @throws ClippingError on a norm that is not finite, or a clip norm that is not positive and finite.
 */
export function clipFactor(norm: number, clipNorm: number): number {
  if (!Number.isFinite(norm)) throw new ClippingError('The vector holds NaN or infinity; it cannot be clipped.');
  if (!(clipNorm > 0) || !Number.isFinite(clipNorm)) {
    throw new ClippingError(`A clip norm is positive and finite; got ${clipNorm}.`);
  }
  return norm <= clipNorm ? 1 : clipNorm / norm;
}

/** Scales the vector into the clip norm, in place; returns the factor. @throws ClippingError as `clipFactor`. */
export function clipInPlace(vector: Float32Array, clipNorm: number): number {
  const factor = clipFactor(l2Norm(vector), clipNorm);
  if (factor === 1) return 1;
  let applied = factor;
  for (let i = 0; i < vector.length; i++) vector[i] *= factor;
  // Rounding to float32 may leave the norm a hair above, and subnormals may not shrink by a hair: each pass scales by more.
  let spare = 1;
  for (let norm = l2Norm(vector); norm > clipNorm * tolerance; norm = l2Norm(vector)) {
    const again = (spare * clipNorm) / norm;
    spare /= 2;
    applied *= again;
    for (let i = 0; i < vector.length; i++) vector[i] *= again;
  }
  return applied;
}

/** Whether a norm recomputed from float32 coordinates respects the clip norm. */
export function isWithinClip(norm: number, clipNorm: number): boolean {
  return norm <= clipNorm * tolerance;
}

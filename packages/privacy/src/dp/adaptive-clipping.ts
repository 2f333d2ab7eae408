/** A clip norm that follows a quantile of the norms (Andrew, Thakkar, McMahan, Ramaswamy, NeurIPS 2021). */

/**
 * The noise multiplier of the contributions, where z is that of the whole release and the rest pays for the number of devices within
 * the clip norm, each counted as a half or minus a half: (z^-2 - (2 sigma_b)^-2)^-1/2 (theorem 1).
 * @throws RangeError where the number alone would spend more than the release may
 */
export function splitNoiseMultiplier(noiseMultiplier: number, indicatorStandardDeviation: number): number {
  const rest = noiseMultiplier ** -2 - (2 * indicatorStandardDeviation) ** -2;
  if (noiseMultiplier > 0 && indicatorStandardDeviation > 0 && rest > 0) return rest ** -0.5;
  throw new RangeError(
    `Noise of standard deviation ${indicatorStandardDeviation} on the number of devices within the clip norm spends more than a noise multiplier of ${noiseMultiplier}; expected more than ${noiseMultiplier / 2}.`,
  );
}

export interface ClipAdaptation {
  /** Share of the norms that shall be within the clip norm, in (0, 1). */
  readonly quantile: number;
  /** eta_C: 0.2 halves or doubles the clip norm in about seven rounds. */
  readonly learningRate: number;
}

/**
 * C exp(-eta (b - quantile)), where b is the noisy share of the devices within the clip norm (section 2, geometric updates).
 * @param tally sum of a half for each device within the clip norm, and minus a half for each other, with its noise
 * @param devices what the sum is divided by, a constant
 */
export function nextClipNorm(
  clipNorm: number,
  tally: number,
  devices: number,
  { quantile, learningRate }: ClipAdaptation,
): number {
  // Noise may bring the share out of its range, and the clip norm must stay a number.
  const within = Math.min(1, Math.max(0, tally / devices + 0.5));
  return clipNorm * Math.exp(-learningRate * (within - quantile));
}

/**
 * Noise that devices add themselves, each its share, to the integers that are masked: so that a sum has enough of it once as many
 * honest devices as were counted on are in it (Kairouz, Liu, Steinke 2021; PRIVACY section 5, "Noise that survives dropouts").
 */
import type { MechanismEvent } from '../accounting/event.ts';
import { roundedSensitivity, type SectionEncoding } from '../encoding/index.ts';

/** The vector of a secure round: the contribution, and the metrics, of which the last coordinate is the weight or indicator. */
export interface NoisyVector {
  readonly contribution: SectionEncoding;
  /** Evaluation and one coordinate more. */
  readonly metrics: SectionEncoding;
  /** What 1 in a metric stands for, in units of the contribution: the two share one clip norm. */
  readonly metricsUnit: number;
}

/** Variances of one device's noise, in steps of the grid squared. */
export interface NoiseShare {
  readonly mechanism: 'discrete-gaussian' | 'skellam';
  /** Of a coordinate of the contribution. */
  readonly variance: number;
  /** Of a metric; the last coordinate of the section apart. */
  readonly metricsVariance: number;
  /** Of the last coordinate; zero where it is not released. */
  readonly indicatorVariance: number;
  /** h: the fewest honest noises in a sum that can be opened. */
  readonly noises: number;
}

/** Below, the sum of discrete Gaussians is not close enough to one (KLS21's tau, which is under 1e-60 from here on). */
export const leastShareDeviation = 4;

/** Standard deviations of one device's noise, in steps of the grid, of all that a release shows. @param measured metrics beside the last */
export function deviationsOfShare(share: NoiseShare, measured: number): readonly number[] {
  const { variance, metricsVariance, indicatorVariance } = share;
  const released = [variance, ...(measured > 0 ? [metricsVariance] : [])];
  return (indicatorVariance > 0 ? [...released, indicatorVariance] : released).map(Math.sqrt);
}

/**
 * How far one device moves contribution and evaluation of a secure round's sum at most, in L2: sqrt(Delta_c^2 + u^2 Delta_e^2).
 * Delta_c is the sensitivity of the rounded contribution, a little above its bound, Delta_e that of the evaluation's coordinates,
 * each in [0, 1] on the grid, and u what one of them stands for. Rounding apart it is the clip norm, which the two share.
 */
export function vectorSensitivity({ contribution, metrics, metricsUnit }: NoisyVector): number {
  const measured = metrics.length - 1;
  const evaluation = measured === 0 ? 0 : roundedSensitivity({ ...metrics, length: measured });
  return Math.hypot(roundedSensitivity(contribution), metricsUnit * evaluation);
}

export interface NoiseDemand {
  readonly mechanism: NoiseShare['mechanism'];
  /** z: standard deviation of the noise on the sum, over `vectorSensitivity`; of the contribution and the evaluation. */
  readonly noiseMultiplier: number;
  readonly noises: number;
  /** Of the noise on the sum of indicators, each 1/2 or -1/2; null where none is released. */
  readonly indicatorStandardDeviation: number | null;
}

/** The share of each device: with h of them the sum has standard deviation z Delta, in all coordinates alike. */
export function noiseShareOf(vector: NoisyVector, demand: NoiseDemand): NoiseShare {
  const { mechanism, noiseMultiplier, noises, indicatorStandardDeviation } = demand;
  const perNoise = (noiseMultiplier * vectorSensitivity(vector)) ** 2 / noises;
  const { contribution, metrics, metricsUnit } = vector;
  const metric = metrics.scale / metricsUnit;
  return {
    mechanism,
    variance: perNoise * contribution.scale ** 2,
    metricsVariance: perNoise * metric ** 2,
    indicatorVariance: ((indicatorStandardDeviation ?? 0) * metrics.scale) ** 2 / noises,
    noises,
  };
}

/**
 * z of a release in which as many devices as are counted on have added this share: of contribution and evaluation together with the
 * indicator, whose sensitivity is a half (Andrew et al. 2021, theorem 1).
 */
export function multiplierOfShare(share: NoiseShare, vector: NoisyVector): number {
  const { contribution, metrics, metricsUnit } = vector;
  const deviation = (variance: number) => Math.sqrt(variance * share.noises);
  const onContribution = deviation(share.variance) / contribution.scale;
  const onMetrics =
    metrics.length > 1 ? (deviation(share.metricsVariance) / metrics.scale) * metricsUnit : onContribution;
  const multiplier = Math.min(onContribution, onMetrics) / vectorSensitivity(vector);
  if (share.indicatorVariance === 0) return multiplier;
  const onIndicator = deviation(share.indicatorVariance) / metrics.scale;
  return 1 / Math.hypot(1 / multiplier, 1 / (2 * onIndicator));
}

/** Standard deviation of the noise on a coordinate of the contributions' sum, in units of the contribution. */
export function noiseOnSum(
  { variance }: NoiseShare,
  { scale }: Pick<SectionEncoding, 'scale'>,
  devices: number,
): number {
  return Math.sqrt(variance * devices) / scale;
}

/**
 * What one opened sum spends: as of a vector whose coordinates all have the noise of the coarsest grid, whose integers are the
 * fewest, which only overstates KLS21's tau, and for the noise multiplier of the whole release.
 */
export function noiseShareEvent(
  share: NoiseShare,
  vector: NoisyVector,
): Extract<MechanismEvent, { mechanism: 'distributed-discrete-gaussian' | 'skellam' }> {
  const { mechanism, noises } = share;
  const measured = vector.metrics.length - 1;
  const released = deviationsOfShare(share, measured);
  const local = Math.min(...released);
  const sensitivity = (local * Math.sqrt(noises)) / multiplierOfShare(share, vector);
  const dimension = vector.contribution.length + released.length - 1 + Math.max(0, measured - 1);
  if (mechanism === 'discrete-gaussian') {
    return {
      mechanism: 'distributed-discrete-gaussian',
      sensitivity,
      localStandardDeviation: local,
      noises,
      dimension,
      steps: 1,
    };
  }
  // An integer's square is at least its absolute value; and Cauchy and Schwarz.
  const sensitivityL1 = Math.min(Math.sqrt(dimension) * sensitivity, sensitivity ** 2);
  return { mechanism: 'skellam', sensitivity, sensitivityL1, variance: noises * local ** 2, steps: 1 };
}

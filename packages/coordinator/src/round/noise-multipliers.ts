/** How the noise multiplier of a release is shared between what it releases. */
import { splitNoiseMultiplier } from '@tributary/privacy';
import { noiseMultiplierOf, type TaskDocument } from '@tributary/protocol';

export interface NoiseMultipliers {
  /** z of the release, which is charged. */
  readonly release: number;
  /** Of contribution and evaluation. */
  readonly contribution: number;
  /** Of the noise on the number of devices within the clip norm; null where it is not released. */
  readonly indicatorStandardDeviation: number | null;
}

/** A twentieth of the cohort (Andrew, Thakkar, McMahan, Ramaswamy 2021, section 3.1). */
const indicatorShare = 1 / 20;

/** Null without noise. @throws RangeError where the indicator's noise is too little for the release's noise multiplier */
export function noiseMultipliersOf({
  privacy,
  cohort,
}: Pick<TaskDocument, 'privacy' | 'cohort'>): NoiseMultipliers | null {
  const { noise } = privacy;
  if (!noise) return null;
  const release = noiseMultiplierOf(noise);
  if (!noise.adaptiveClip) return { release, contribution: release, indicatorStandardDeviation: null };
  const indicatorStandardDeviation = noise.adaptiveClip.standardDeviation ?? indicatorShare * cohort.target;
  return {
    release,
    contribution: splitNoiseMultiplier(release, indicatorStandardDeviation),
    indicatorStandardDeviation,
  };
}

/** How likely canaries were in, by two views of one run: every sum as it was opened, or the models as they were released. */
import type { ParameterLayout, Recommender } from '@tributary/model';
import { clipFactor } from '@tributary/privacy';
import { type Canary, rowOf } from './canaries.ts';

/** One opened sum, and what was public before it. */
export interface OpenedSum {
  /** [contribution | ...], with its noise. */
  readonly sum: Float32Array;
  /** L2 bound of a contribution in that round; null for none. */
  readonly contributionClipNorm: number | null;
  /** Of the noise on one coordinate; 0 for none. */
  readonly noiseStandardDeviation: number;
}

/** A canary, and its row of a contribution before it is clipped. */
export interface SignedCanary extends Canary {
  readonly row: Float32Array;
}

/** Against rounding, where there is no noise: a share of the canary's norm. */
const leastDeviation = 1e-3;

/**
 * White box: log likelihood ratios, in over out. In the canary's row a sum holds its contribution, clipped, or none, under Gaussian
 * noise. Where a canary that is in takes part in a round with a probability below 1, the ratio of that round is of the mixture.
 *
 * @param layout of contributions
 * @param attendance probability that a person who is there takes part in a round, in (0, 1]
 * @returns [canaries]; above 0: in
 */
export function scoresBySums(
  layout: ParameterLayout,
  sums: readonly OpenedSum[],
  canaries: readonly SignedCanary[],
  attendance = 1,
): number[] {
  return canaries.map(({ item, row }) => {
    const { offset } = rowOf(layout, item);
    const norm = Math.hypot(...row);
    return sums.reduce((score, { sum, contributionClipNorm, noiseStandardDeviation }) => {
      const factor = contributionClipNorm === null ? 1 : clipFactor(norm, contributionClipNorm);
      const product = factor * row.reduce((total, value, i) => total + value * sum[offset + i], 0);
      const squares = (factor * norm) ** 2;
      const deviation = Math.max(noiseStandardDeviation, leastDeviation * Math.sqrt(squares));
      return score + mixed((product - squares / 2) / deviation ** 2, attendance);
    }, 0);
  });
}

/** log(1 - p + p e^ratio). */
function mixed(ratio: number, probability: number): number {
  if (probability === 1) return ratio;
  const [present, absent] = [Math.log(probability) + ratio, Math.log(1 - probability)];
  const larger = Math.max(present, absent);
  return larger + Math.log(Math.exp(present - larger) + Math.exp(absent - larger));
}

/**
 * Black box: how far the item of each canary has moved as the canary asked, from the first version to the last.
 *
 * @returns [canaries]; higher: likelier in
 */
export function scoresByModels(
  { layout, name }: Recommender,
  first: Float32Array,
  last: Float32Array,
  canaries: readonly SignedCanary[],
): number[] {
  // The rows of a second-order contribution are a gradient, which the step goes against; others are deltas.
  const way = name === 'implicit-als' || name === 'hybrid' ? -1 : 1;
  return canaries.map(({ item, row }) => {
    const { offset } = rowOf(layout, item);
    return row.reduce((total, value, i) => total + way * Math.sign(value) * (last[offset + i] - first[offset + i]), 0);
  });
}

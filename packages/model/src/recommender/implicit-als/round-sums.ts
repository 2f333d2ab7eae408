/** What a round's sum says, in the units of its groups. */
import { checkLength, type ParameterLayout, viewOf } from '../../parameters/layout.ts';
import type { RoundSum } from '../recommender.ts';
import type { ImplicitAlsSpecification } from '../specification.ts';
import type { ImplicitAlsSums } from './newton-direction.ts';
import type { ImplicitAlsNoise } from './noise-aware-direction.ts';
import { unpackSymmetric } from './packed-symmetric.ts';

type Groups = Pick<ImplicitAlsSpecification, 'dimension' | 'groupScales' | 'windowLength'>;

/** @throws LayoutError when the sum is shorter than a contribution */
export function roundSums(
  { dimension, groupScales, windowLength }: Groups,
  layout: ParameterLayout,
  { sum, denominator }: Pick<RoundSum, 'sum' | 'denominator'>,
): ImplicitAlsSums {
  checkLength(layout, sum.subarray(0, layout.size));
  const group = (name: string) => viewOf(layout, sum, name);
  return {
    rows: group('rows').map((value) => value / groupScales.rows),
    counts: group('counts').map((value) => value / groupScales.counts),
    outer: unpackSymmetric(group('outer'), dimension, 1 / groupScales.outer),
    solves: windowLength ? group('solves')[0] / groupScales.counts : denominator,
  };
}

/** @param standardDeviation of the noise on each coordinate of the sum */
export function noiseOfSums(
  { groupScales }: Pick<Groups, 'groupScales'>,
  standardDeviation: number,
): ImplicitAlsNoise & { readonly counts: number } {
  const { rows, counts, outer } = groupScales;
  return { rows: standardDeviation / rows, counts: standardDeviation / counts, outer: standardDeviation / outer };
}

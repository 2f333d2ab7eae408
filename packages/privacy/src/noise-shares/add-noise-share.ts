/** The step between encoding and masking: a device's share of the noise goes onto its integers. */

import { addDiscreteGaussianNoise, addSkellamNoise } from '../dp/index.ts';
import type { SecureRandom } from '../random/index.ts';
import type { NoiseShare, NoisyVector } from './noise-shares.ts';

const addNoise = { 'discrete-gaussian': addDiscreteGaussianNoise, skellam: addSkellamNoise } as const;

/**
 * Adds fresh noise to both sections, in place, modulo 2^bits each. How long it takes depends on the noise alone.
 * @param sections contribution and metrics, as encoded
 * @param random a CSPRNG
 */
export function addNoiseShare(
  [contribution, metrics]: readonly [Uint32Array, Uint32Array],
  share: NoiseShare,
  vector: Pick<NoisyVector, 'contribution' | 'metrics'>,
  random: SecureRandom,
): void {
  const add = addNoise[share.mechanism];
  const last = metrics.length - 1;
  add(contribution, share.variance, random);
  if (last > 0) add(metrics, share.metricsVariance, random, 0, last);
  if (share.indicatorVariance > 0) add(metrics, share.indicatorVariance, random, last);
  reduce(contribution, vector.contribution.bits);
  reduce(metrics, vector.metrics.bits);
}

function reduce(integers: Uint32Array, bits: number): void {
  if (bits === 32) return;
  const mask = 2 ** bits - 1;
  for (let i = 0; i < integers.length; i++) integers[i] &= mask;
}

/** The integers of an opened sum as numbers again. */
import { addDiscreteGaussianNoise, decodeSum, type SecureRandom } from '@tributary/privacy';
import { evaluationUnit, payloadLength, type RoundDescriptor, type SecureRoundDescription } from '@tributary/protocol';
import { encodingsOf, SecurePlanError } from './secure-plan.ts';

export interface OpenedSum {
  /** [contribution | evaluation | weight], as a sealed round's sum. */
  readonly sum: Float32Array;
  /** Largest rotated coordinate of the contributions' sum over what its integers hold, in [0, 1]; near 1 it may have wrapped. */
  readonly fill: number;
}

/** Discrete Gaussian noise that the coordinator adds to the integers of a sum, before they are numbers (Mironov 2012). */
export interface IntegerNoise {
  /** Of a coordinate of contribution and evaluation, in units of the contribution. */
  readonly standardDeviation: number;
  /** Of the last coordinate, the number of devices within the clip norm; null where it carries weights. */
  readonly indicatorStandardDeviation: number | null;
  readonly random: SecureRandom;
}

/**
 * @param sums of the two sections, modulo 2^bits or any multiple of it
 * @param roundHash 32 bytes
 * @param noise of the coordinator; null where there is none, or the devices have added it
 * @throws SecurePlanError where the round is sealed
 */
export function readSecureSum(
  sums: readonly Uint32Array[],
  descriptor: Pick<RoundDescriptor, 'sections' | 'clipNorm' | 'evaluationScale' | 'secure'>,
  roundHash: Uint8Array,
  noise: IntegerNoise | null = null,
): OpenedSum {
  const { sections, clipNorm, evaluationScale, secure } = descriptor;
  if (!secure) throw new SecurePlanError('The round is sealed.');
  const [contribution, metrics] = encodingsOf({ ...descriptor, secure });
  const sum = new Float32Array(payloadLength(sections));
  const unit = evaluationUnit(clipNorm, evaluationScale);
  const [onContribution, onMetrics] = noise ? drawNoise(sections, secure, unit, noise) : [];
  const { values, fill } = decodeSum(sums[0], contribution, roundHash, onContribution);
  sum.set(values);
  sum.set(decodeSum(sums[1], metrics, roundHash, onMetrics).values, sections.contribution);
  for (let i = 0; i < sections.evaluation; i++) sum[sections.contribution + i] *= unit;
  return { sum, fill };
}

/** For all coordinates of the two sections, before the sum is looked at. */
function drawNoise(
  sections: RoundDescriptor['sections'],
  { scale, metricsScale }: SecureRoundDescription,
  unit: number,
  { standardDeviation, indicatorStandardDeviation, random }: IntegerNoise,
): readonly [Int32Array, Int32Array] {
  const contribution = new Int32Array(sections.contribution);
  const metrics = new Int32Array(sections.evaluation + 1);
  addDiscreteGaussianNoise(contribution, (standardDeviation * scale) ** 2, random);
  const last = sections.evaluation;
  if (last > 0) addDiscreteGaussianNoise(metrics, ((standardDeviation / unit) * metricsScale) ** 2, random, 0, last);
  if (indicatorStandardDeviation !== null) {
    addDiscreteGaussianNoise(metrics, (indicatorStandardDeviation * metricsScale) ** 2, random, last);
  }
  return [contribution, metrics];
}

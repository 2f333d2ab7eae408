/** An update as integers of a secure round, with the device's own noise: what is masked and summed. */
import { accumulateContribution } from '@tributary/model';
import { addNoiseShare, encodeSection, type SectionEncoding, type SecureRandom } from '@tributary/privacy';
import { contributionClipNorm, evaluationUnit, type RoundDescriptor } from '@tributary/protocol';
import { TrainingError } from './error.ts';
import type { LocalUpdate } from './train-for-round.ts';

type Described = Pick<RoundDescriptor, 'sections' | 'clipNorm' | 'evaluationScale' | 'secure'>;

/** The two sections of a secure round's vector: contribution, then evaluation (in [0, 1] each) and tally. */
export function sectionEncodings(round: Described): readonly [SectionEncoding, SectionEncoding] {
  const { sections, clipNorm, evaluationScale, secure } = round;
  if (!secure || clipNorm === null) throw new TrainingError('wrong-sections', 'The round has no secure part.');
  const { contribution, evaluation } = sections;
  const bound = contributionClipNorm(clipNorm, evaluationScale, evaluation > 0);
  return [
    { section: 0, length: contribution, bits: secure.bits, scale: secure.scale, bound, kind: 'rotated' },
    {
      section: 1,
      length: evaluation + 1,
      bits: secure.metricsBits,
      scale: secure.metricsScale,
      bound: 1,
      kind: 'plain',
    },
  ];
}

/**
 * Dense, whatever the device did: zeros stand for all items that were not touched, and rounding and masks hide them.
 *
 * @param roundHash 32 bytes, from which the rotation follows
 * @param random a CSPRNG, for rounding and for the device's share of the noise
 * @throws TrainingError 'wrong-sections' when the round's sections are not the update's; EncodingError when the clip did not hold
 */
export function encodeForSum(
  update: LocalUpdate,
  round: Described,
  roundHash: Uint8Array,
  random: SecureRandom,
): readonly [Uint32Array, Uint32Array] {
  const { contribution, factor, evaluation } = update;
  const [ofContribution, ofMetrics] = sectionEncodings(round);
  if (ofContribution.length !== contribution.size || ofMetrics.length !== evaluation.length + 1) {
    throw new TrainingError(
      'wrong-sections',
      `The round expects sections of ${ofContribution.length} and ${ofMetrics.length - 1} elements; ` +
        `the update has ${contribution.size} and ${evaluation.length}.`,
    );
  }
  const dense = new Float32Array(contribution.size);
  accumulateContribution(contribution, factor, dense);
  const unit = evaluationUnit(round.clipNorm, round.evaluationScale);
  const metrics = new Float32Array(evaluation.length + 1);
  evaluation.forEach((value, i) => {
    metrics[i] = Math.min(1, value / unit);
  });
  metrics[evaluation.length] = tallyOf(update, round);
  const encoded = [
    encodeSection(dense, ofContribution, roundHash, random),
    encodeSection(metrics, ofMetrics, roundHash, random),
  ] as const;
  const noise = round.secure?.noise;
  if (noise) addNoiseShare(encoded, noise, { contribution: ofContribution, metrics: ofMetrics }, random);
  return encoded;
}

/** The last coordinate of the metrics section. */
function tallyOf({ clipped, weight }: LocalUpdate, { secure }: Described): number {
  if (secure?.tally === 'weight') return weight;
  if (secure?.tally !== 'within-clip') return 0;
  return clipped ? -0.5 : 0.5;
}

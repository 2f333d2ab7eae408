/** What a coordinator checks of an opened upload before it becomes part of the sum. */
import { isWithinClip, l2Norm } from '@tributary/privacy';
import {
  contributionClipNorm,
  type DecodedPayload,
  decodePayload,
  evaluationUnit,
  RefusalError,
  type RoundDescriptor,
} from '@tributary/protocol';

/** Without a clip norm a single device could still drive the sum out of float32: this is far above what training makes. */
const unclippedBound = 1e6;

/**
 * The payload of a sealed upload, checked: length, finite, weight, norm, evaluation in range.
 * @throws RefusalError 'wrong-length', 'not-finite', 'weight-out-of-range', 'norm-exceeded'
 */
export function checkedContribution(
  plaintext: Uint8Array,
  descriptor: Pick<RoundDescriptor, 'sections' | 'clipNorm' | 'evaluationScale'>,
): DecodedPayload {
  const payload = decodePayload(plaintext, descriptor.sections);
  const { clipNorm, evaluationScale, sections } = descriptor;
  const evaluating = sections.evaluation > 0;
  if (clipNorm !== null) {
    const bound = contributionClipNorm(clipNorm, evaluationScale, evaluating);
    if (!isWithinClip(l2Norm(payload.contribution), bound)) {
      throw new RefusalError(
        'norm-exceeded',
        'The contribution is longer than the clip norm of the round; it was not added.',
      );
    }
  }
  if (clipNorm === null && !(l2Norm(payload.contribution) <= unclippedBound)) {
    throw new RefusalError(
      'norm-exceeded',
      `The contribution is longer than ${unclippedBound}, which no honest one is; it was not added.`,
    );
  }
  const most = evaluationUnit(clipNorm, evaluationScale);
  for (const value of payload.evaluation) {
    // Float32 rounding of the scale may exceed it by a hair.
    if (value < 0 || value > most * (1 + 2 ** -20)) {
      throw new RefusalError(
        'norm-exceeded',
        'An evaluation metric is outside its range; the contribution was not added.',
      );
    }
  }
  return payload;
}

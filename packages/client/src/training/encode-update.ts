/** The plaintext of an upload. */
import { accumulateContribution } from '@tributary/model';
import { encodePayload, payloadLength, type RoundDescriptor } from '@tributary/protocol';
import { TrainingError } from './error.ts';
import type { LocalUpdate } from './train-for-round.ts';

/**
 * Dense float32 little-endian bytes [contribution | evaluation | weight], so that the length is the same for everybody and
 * zeros stand for all items that were not touched.
 *
 * @throws TrainingError 'wrong-sections' when the round's sections are not the update's
 */
export function encodeUpdate(update: LocalUpdate, sections: RoundDescriptor['sections']): Uint8Array {
  const { contribution, factor, evaluation, weight } = update;
  if (sections.contribution !== contribution.size || sections.evaluation !== evaluation.length) {
    throw new TrainingError(
      'wrong-sections',
      `The round expects sections of ${sections.contribution} and ${sections.evaluation} elements; ` +
        `the update has ${contribution.size} and ${evaluation.length}.`,
    );
  }
  const dense = new Float32Array(payloadLength(sections));
  accumulateContribution(contribution, factor, dense);
  dense.set(evaluation, sections.contribution);
  dense[dense.length - 1] = weight;
  return encodePayload(dense, sections);
}

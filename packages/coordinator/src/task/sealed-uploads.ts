/** Uploads of the plan `sealed`: unsealed and checked when complete. */
import { openInPlace, type SealingKeys, sealedLength } from '@tributary/privacy';
import { type DecodedPayload, payloadBytes, RefusalError, type RoundDescriptor } from '@tributary/protocol';
import { checkedContribution } from '../aggregation/contribution-check.ts';
import { createRoundUploads, type RoundUploads, type UploadsOptions } from './uploads.ts';

export function createSealedUploads(
  options: Pick<UploadsOptions, 'places' | 'idleMilliseconds'> & {
    readonly descriptor: Pick<RoundDescriptor, 'round' | 'sections' | 'clipNorm' | 'evaluationScale'>;
    readonly sealingKeys: SealingKeys;
    /** Takes each contribution, whose memory is used again when it returns. */
    add(contribution: DecodedPayload): void;
  },
): RoundUploads {
  const { descriptor, sealingKeys, add, places, idleMilliseconds } = options;
  /**
   * Nonces of the seals in the sum. What somebody saw on the network and sends again under an identity of its own opens like the
   * original, and would count a person twice. Its nonce is under the authenticator; that of an honest device is its own.
   */
  const nonces = new Set<string>();
  return createRoundUploads({
    round: descriptor.round,
    expected: sealedLength(payloadBytes(descriptor.sections)),
    places,
    idleMilliseconds,
    announced(_device, { statement }) {
      if (statement !== null)
        throw new RefusalError('malformed', 'A sealed upload has no statement; it is for masked ones.');
    },
    complete(_device, sealed) {
      const nonce = sealNonce(sealed);
      const plaintext = openInPlace(sealed, sealingKeys);
      if (!plaintext) {
        throw new RefusalError(
          'cannot-open',
          "The upload was not sealed to this round's key, or was changed on the way; it was not added.",
        );
      }
      if (nonces.has(nonce)) {
        throw new RefusalError(
          'replayed',
          'These sealed bytes are part of the sum already, sent by another device; seal a contribution of your own.',
        );
      }
      add(checkedContribution(plaintext, descriptor));
      nonces.add(nonce);
    },
  });
}

/** The nonce of sealed bytes (ephemeral public key 32 | nonce 24 | box), one character a byte; opening in place overwrites it. */
function sealNonce(sealed: Uint8Array): string {
  return String.fromCharCode(...sealed.subarray(32, 56));
}

/** Every key of a secure round, by HKDF-SHA256 (RFC 5869) under the roster's hash: another roster, round or model, another key. */
import { frame } from '../bytes/frame.ts';
import { sha256 } from '../hash/index.ts';
import { revealSecret, type SecretKey, secretKey } from '../identity/secret-key.ts';
import { agree } from '../key-agreement/index.ts';
import { hkdf } from '../key-derivation/index.ts';
import { SecureAggregationError } from './error.ts';
import { selfMaskCommitmentFrame } from './frames.ts';

/** What two devices agree on by their share keys (C): one secret for both directions. @throws SecureAggregationError */
export function agreeOnShares(own: SecretKey, other: Uint8Array): SecretKey {
  const bytes = agreed(own, other);
  const secret = secretKey(bytes);
  bytes.fill(0);
  return secret;
}

/** Key of the box in which `sender` deals shares to `recipient`: two directions, two keys. */
export function shareBoxKey(
  shared: SecretKey,
  rosterHash: Uint8Array,
  sender: Uint8Array,
  recipient: Uint8Array,
): Uint8Array {
  return hkdf(revealSecret(shared), rosterHash, frame('tributary/v1/share-key', sender, recipient));
}

/** Seed of the mask between two devices. @param low, high their mask keys (S) in the order of the roster */
export function pairwiseMaskSeed(
  own: SecretKey,
  other: Uint8Array,
  rosterHash: Uint8Array,
  low: Uint8Array,
  high: Uint8Array,
): Uint8Array {
  return hkdf(agreed(own, other), rosterHash, frame('tributary/v1/pairwise-mask', low, high));
}

/** Seed of a device's own mask. @param selfMask 32 bytes of the device's random source @param maskKey its S */
export function selfMaskSeed(selfMask: Uint8Array, rosterHash: Uint8Array, maskKey: Uint8Array): Uint8Array {
  return hkdf(selfMask, rosterHash, frame('tributary/v1/self-mask', maskKey));
}

export function selfMaskCommitment(selfMask: Uint8Array, rosterHash: Uint8Array): Uint8Array {
  return sha256(selfMaskCommitmentFrame(rosterHash, selfMask));
}

/** @throws SecureAggregationError 'low-order-key' where the output of X25519 is zero (RFC 7748 section 6.1) */
function agreed(own: SecretKey, other: Uint8Array): Uint8Array {
  const secret = agree(own, other);
  if (!secret) {
    throw new SecureAggregationError(
      'low-order-key',
      'A key of the roster is a point of low order: nothing agreed with it would be secret.',
    );
  }
  return secret;
}

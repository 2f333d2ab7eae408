/** Ed25519 identities (RFC 8032), verified strictly: S < L, canonical points, none of small order. */
import type { SecureRandom } from '../random/secure-random.ts';
import { nativeEd25519, portableEd25519 } from './ed25519.ts';
import { type SecretKey, secretKey } from './secret-key.ts';

export interface Identity {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly secretKey: SecretKey;
}

const ed25519 = nativeEd25519 ?? portableEd25519;

export function createIdentity(random: SecureRandom): Identity {
  const seed = random.bytes(32);
  const identity = identityOf(seed);
  seed.fill(0);
  return identity;
}

/** The identity of a 32-byte Ed25519 seed. @throws RangeError on another length. */
export function identityOf(seed: Uint8Array): Identity {
  const secret = secretKey(seed);
  return { publicKey: ed25519.publicKeyOf(secret), secretKey: secret };
}

/** A 64-byte signature. */
export function sign(message: Uint8Array, secret: SecretKey): Uint8Array {
  return ed25519.sign(message, secret);
}

/** Whether the signature is valid; anything malformed is simply not. Never throws. */
export function verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  return ed25519.verify(signature, message, publicKey);
}

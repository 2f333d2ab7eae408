/** X25519 (RFC 7748): in Node the platform's own, elsewhere tweetnacl's; a test keeps the two equal. */
import nacl from 'tweetnacl';
import { revealSecret, type SecretKey, secretKey } from '../identity/secret-key.ts';
import type { SecureRandom } from '../random/secure-random.ts';

export interface AgreementKeys {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly secretKey: SecretKey;
}

export function createAgreementKeys(random: SecureRandom): AgreementKeys {
  return agreementKeysOf(random.bytes(32));
}

/** @throws RangeError unless the secret has 32 bytes */
export function agreementKeysOf(secret: Uint8Array): AgreementKeys {
  return { publicKey: publicKeyOfSecret(secret), secretKey: secretKey(secret) };
}

export function publicKeyOfSecret(secret: Uint8Array): Uint8Array {
  return nacl.scalarMult.base(secret);
}

/** The raw output of X25519; null where it is zero (a public key of low order). */
export function agree(secret: SecretKey, publicKey: Uint8Array): Uint8Array | null {
  const shared = nacl.scalarMult(revealSecret(secret), publicKey);
  return shared.every((byte) => byte === 0) ? null : shared;
}

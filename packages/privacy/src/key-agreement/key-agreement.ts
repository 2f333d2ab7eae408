/** Keys that two parties agree on a secret with: X25519 (RFC 7748), in Node the platform's own. */
import { type SecretKey, secretKey } from '../identity/secret-key.ts';
import type { SecureRandom } from '../random/secure-random.ts';
import { nativeX25519, portableX25519 } from './x25519.ts';

export interface AgreementKeys {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly secretKey: SecretKey;
}

const x25519 = nativeX25519 ?? portableX25519;

export function createAgreementKeys(random: SecureRandom): AgreementKeys {
  const secret = random.bytes(32);
  const keys = agreementKeysOf(secret);
  secret.fill(0);
  return keys;
}

/** @throws RangeError unless the secret has 32 bytes */
export function agreementKeysOf(secret: Uint8Array): AgreementKeys {
  const own = secretKey(secret);
  return { publicKey: x25519.publicKeyOf(own), secretKey: own };
}

export function publicKeyOfSecret(secret: Uint8Array): Uint8Array {
  return agreementKeysOf(secret).publicKey;
}

/**
 * The raw output of X25519, not hashed: derive keys from it. Null for a public key of low order, with which every secret agrees to
 * zero. @throws RangeError unless the public key has 32 bytes
 */
export function agree(secret: SecretKey, publicKey: Uint8Array): Uint8Array | null {
  if (publicKey.length !== 32) throw new RangeError(`An X25519 key has 32 bytes; got ${publicKey.length}.`);
  return x25519.agree(secret, publicKey);
}

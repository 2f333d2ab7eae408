/**
 * Sealing a contribution to the coordinator: `nacl.box` (X25519, XSalsa20-Poly1305) under an ephemeral key of the sender.
 * Sealed bytes are: ephemeral public key (32) | nonce (24) | box (16 + plaintext).
 */
import nacl from 'tweetnacl';
import { revealSecret, type SecretKey, secretKey } from '../identity/secret-key.ts';
import type { SecureRandom } from '../random/secure-random.ts';

export interface SealingKeys {
  /** Curve25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly secretKey: SecretKey;
}

export class SealingError extends Error {
  override readonly name = 'SealingError';
}

const overhead = 32 + nacl.box.nonceLength + nacl.box.overheadLength;

/** Length of the sealed form of so many plaintext bytes. */
export function sealedLength(plaintextLength: number): number {
  return plaintextLength + overhead;
}

export function createSealingKeys(random: SecureRandom): SealingKeys {
  const secret = random.bytes(32);
  return { publicKey: nacl.box.keyPair.fromSecretKey(secret).publicKey, secretKey: secretKey(secret) };
}

/** @throws SealingError on a recipient key that is not 32 bytes or of low order. */
export function seal(plaintext: Uint8Array, recipientPublicKey: Uint8Array, random: SecureRandom): Uint8Array {
  if (recipientPublicKey.length !== 32) {
    throw new SealingError(`A sealing key has 32 bytes; got ${recipientPublicKey.length}.`);
  }
  const ephemeralSecret = random.bytes(32);
  const ephemeral = nacl.box.keyPair.fromSecretKey(ephemeralSecret);
  if (isZero(nacl.scalarMult(ephemeralSecret, recipientPublicKey))) {
    throw new SealingError('The sealing key is a point of low order; nothing sealed to it would be secret.');
  }
  const nonce = random.bytes(nacl.box.nonceLength);
  const box = nacl.box(plaintext, nonce, recipientPublicKey, ephemeralSecret);
  const out = new Uint8Array(overhead + plaintext.length);
  out.set(ephemeral.publicKey, 0);
  out.set(nonce, 32);
  out.set(box, 32 + nonce.length);
  return out;
}

/** The plaintext, or null when the bytes were not sealed to these keys or were changed. */
export function open(sealed: Uint8Array, keys: SealingKeys): Uint8Array | null {
  if (sealed.length < overhead) return null;
  const ephemeral = sealed.subarray(0, 32);
  const secret = revealSecret(keys.secretKey);
  if (isZero(nacl.scalarMult(secret, ephemeral))) return null;
  const nonceEnd = 32 + nacl.box.nonceLength;
  return nacl.box.open(sealed.subarray(nonceEnd), sealed.subarray(32, nonceEnd), ephemeral, secret);
}

/** tweetnacl returns zeros for points of low order without a word (RFC 7748 section 6.1 lets the caller refuse them). */
function isZero(bytes: Uint8Array): boolean {
  let any = 0;
  for (const byte of bytes) any |= byte;
  return any === 0;
}

/**
 * Sealing a contribution to the coordinator: `nacl.box` (X25519, XSalsa20-Poly1305) under an ephemeral key of the sender.
 * Sealed bytes are: ephemeral public key (32) | nonce (24) | box (16 + plaintext).
 */
import { poly1305 } from '@noble/ciphers/_poly1305.js';
import { hsalsa, xsalsa20 } from '@noble/ciphers/salsa.js';
import nacl from 'tweetnacl';
import { forgetSecret, type SecretKey } from '../identity/secret-key.ts';
import { type AgreementKeys, agree, createAgreementKeys } from '../key-agreement/index.ts';
import type { SecureRandom } from '../random/secure-random.ts';

/** X25519. */
export type SealingKeys = AgreementKeys;

export class SealingError extends Error {
  override readonly name = 'SealingError';
}

const overhead = 32 + nacl.box.nonceLength + nacl.box.overheadLength;

/** Length of the sealed form of so many plaintext bytes. */
export function sealedLength(plaintextLength: number): number {
  return plaintextLength + overhead;
}

export function createSealingKeys(random: SecureRandom): SealingKeys {
  return createAgreementKeys(random);
}

/** @throws SealingError on a recipient key that is not 32 bytes or of low order. */
export function seal(plaintext: Uint8Array, recipientPublicKey: Uint8Array, random: SecureRandom): Uint8Array {
  if (recipientPublicKey.length !== 32) {
    throw new SealingError(`A sealing key has 32 bytes; got ${recipientPublicKey.length}.`);
  }
  const ephemeral = createAgreementKeys(random);
  const key = boxKey(ephemeral.secretKey, recipientPublicKey);
  forgetSecret(ephemeral.secretKey);
  if (!key) throw new SealingError('The sealing key is a point of low order; nothing sealed to it would be secret.');
  const nonce = random.bytes(nacl.secretbox.nonceLength);
  const box = nacl.secretbox(plaintext, nonce, key);
  key.fill(0);
  const out = new Uint8Array(overhead + plaintext.length);
  out.set(ephemeral.publicKey, 0);
  out.set(nonce, 32);
  out.set(box, 32 + nonce.length);
  return out;
}

/** The plaintext, or null when the bytes were not sealed to these keys or were changed. */
export function open(sealed: Uint8Array, keys: SealingKeys): Uint8Array | null {
  if (sealed.length < overhead) return null;
  const key = boxKey(keys.secretKey, sealed.subarray(0, 32));
  if (!key) return null;
  const nonceEnd = 32 + nacl.secretbox.nonceLength;
  return nacl.secretbox.open(sealed.subarray(nonceEnd), sealed.subarray(32, nonceEnd), key);
}

/**
 * As `open`, without a copy: the plaintext is written over the sealed bytes, and is a view of them. Where null is returned, the
 * bytes are as they were.
 */
export function openInPlace(sealed: Uint8Array, keys: SealingKeys): Uint8Array | null {
  if (sealed.length < overhead) return null;
  const key = boxKey(keys.secretKey, sealed.subarray(0, 32));
  if (!key) return null;
  // Copies, also of a Buffer, whose slice() is none: the keystream is written over them.
  const nonce = new Uint8Array(sealed.subarray(32, 32 + nacl.secretbox.nonceLength));
  // The first half block of the keystream is the key of the authenticator (XSalsa20-Poly1305, Bernstein 2009, section 9).
  const authenticatorKey = xsalsa20(key, nonce, new Uint8Array(32));
  const plaintext = sealed.subarray(overhead);
  const tag = sealed.subarray(overhead - nacl.secretbox.overheadLength, overhead);
  if (!nacl.verify(poly1305(plaintext, authenticatorKey), tag)) return null;
  const stream = sealed.subarray(overhead - authenticatorKey.length);
  xsalsa20(key, nonce, stream, stream);
  return plaintext;
}

/** The key of `nacl.box`: HSalsa20 of the X25519 product. Null for a point of low order. */
function boxKey(secret: SecretKey, publicKey: Uint8Array): Uint8Array | null {
  const product = agree(secret, publicKey);
  if (!product) return null;
  const key = new Uint32Array(8);
  hsalsa(sigma, words(product), new Uint32Array(4), key);
  product.fill(0);
  return new Uint8Array(key.buffer);
}

/** "expand 32-byte k" */
const sigma = Uint32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574);

function words(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(new Uint8Array(bytes).buffer);
}

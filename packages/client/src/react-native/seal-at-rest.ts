/**
 * Encryption at rest without WebCrypto: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), whose nonces of 24 bytes may be drawn at random
 * for as long as a key lives.
 */
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { type SecureRandom, utf8Text } from '@tributary/privacy';
import { fromBase64, toBase64 } from './base64.ts';

/** Bytes of a key. */
export const keyBytes = 32;
const nonceBytes = 24;

/**
 * [nonce | ciphertext | tag] of a text, in base64.
 * @param place where it is kept; moved to another place, it does not open
 */
export function sealText(text: string, place: string, key: Uint8Array, random: SecureRandom): string {
  const encoder = new TextEncoder();
  const nonce = random.bytes(nonceBytes);
  const sealed = xchacha20poly1305(key, nonce, encoder.encode(place)).encrypt(encoder.encode(text));
  const bytes = new Uint8Array(nonceBytes + sealed.length);
  bytes.set(nonce);
  bytes.set(sealed, nonceBytes);
  return toBase64(bytes);
}

/** @throws an error where it was not made by `sealText` with this key and place */
export function openText(sealed: string, place: string, key: Uint8Array): string {
  const bytes = fromBase64(sealed);
  const cipher = xchacha20poly1305(key, bytes.subarray(0, nonceBytes), new TextEncoder().encode(place));
  return utf8Text(cipher.decrypt(bytes.subarray(nonceBytes)));
}

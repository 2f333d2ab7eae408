/** HKDF-SHA256 (RFC 5869). */
import { hkdf as nobleHkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';

/** @param salt empty for none @param length bytes of output */
export function hkdf(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length = 32): Uint8Array {
  return nobleHkdf(sha256, ikm, salt, info, length);
}

/** HKDF-SHA256 (RFC 5869): in Node the platform's own, elsewhere noble's; a test keeps the two equal. */
import { hkdf as nobleHkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type NodeCrypto, nodeCrypto } from '../identity/native-keys.ts';

type Hkdf = (ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length?: number) => Uint8Array;

export const portableHkdf: Hkdf = (ikm, salt, info, length = 32) => nobleHkdf(sha256, ikm, salt, info, length);

/** Node's; null where the runtime has none. */
export const nativeHkdf: Hkdf | null = nodeCrypto ? nativeOver(nodeCrypto) : null;

function nativeOver(crypto: NodeCrypto): Hkdf {
  const hmac = (key: Uint8Array, ...parts: readonly Uint8Array[]) => {
    const mac = crypto.createHmac('sha256', key);
    for (const part of parts) mac.update(part);
    return mac.digest();
  };
  const first = Uint8Array.of(1);
  return (ikm, salt, info, length = 32) => {
    if (length !== 32) return new Uint8Array(crypto.hkdfSync('sha256', ikm, salt, info, length));
    // One block of output is two HMACs, which cost half of what hkdfSync does.
    const extracted = hmac(salt, ikm);
    const key = new Uint8Array(hmac(extracted, info, first));
    extracted.fill(0);
    return key;
  };
}

/** @param salt empty for none @param length bytes of output, 32 */
export const hkdf: Hkdf = nativeHkdf ?? portableHkdf;

/** ChaCha20 (RFC 8439) as a generator of many bytes from one 32-byte key. */
import { chacha20 } from '@noble/ciphers/chacha.js';
import type { SecureRandom } from './secure-random.ts';

const chunk = 65_536;
/** RFC 8439 counts blocks in 32 bits; a new nonce starts before the counter wraps. */
const chunksPerNonce = 2 ** 31 / (chunk / 64);

/** A CSPRNG under one key: bytes are drawn from the ChaCha20 keystream, in chunks. */
export function keystreamRandom(key: Uint8Array): SecureRandom {
  if (key.length !== 32) throw new RangeError(`A ChaCha20 key has 32 bytes; got ${key.length}.`);
  const nonce = new Uint8Array(12);
  const view = new DataView(nonce.buffer);
  let nonceNumber = 0;
  let chunkOfNonce = 0;
  let buffer: Uint8Array = new Uint8Array(0);
  const zeros = new Uint8Array(chunk);

  const refill = (): void => {
    if (chunkOfNonce === chunksPerNonce) {
      chunkOfNonce = 0;
      nonceNumber += 1;
    }
    view.setUint32(0, nonceNumber, true);
    buffer = chacha20(key, nonce, zeros, undefined, chunkOfNonce * (chunk / 64));
    chunkOfNonce += 1;
  };

  return {
    bytes(length) {
      const out = new Uint8Array(length);
      for (let at = 0; at < length; ) {
        if (buffer.length === 0) refill();
        const count = Math.min(length - at, buffer.length);
        out.set(buffer.subarray(0, count), at);
        // What was handed out is not kept.
        buffer.fill(0, 0, count);
        buffer = buffer.subarray(count);
        at += count;
      }
      return out;
    },
  };
}

/** The platform's CSPRNG, stretched by ChaCha20 where many bytes are needed. */
export function bulkRandom(random: SecureRandom): SecureRandom {
  return keystreamRandom(random.bytes(32));
}

/**
 * Reproducible randomness for research. NEVER for a real device or coordinator: whoever knows the seed knows every "secret".
 * @param seed unsigned 32-bit integer
 */
export function seededResearchRandom(seed: number, stream = 0): SecureRandom {
  const key = new Uint8Array(32);
  const view = new DataView(key.buffer);
  view.setUint32(0, seed >>> 0, true);
  view.setUint32(4, stream >>> 0, true);
  key.set(new TextEncoder().encode('research only'), 8);
  return keystreamRandom(key);
}

/**
 * ChaCha20 (RFC 8439) as a generator of many bytes from one 32-byte key. In Node the platform's own implementation is used
 * (found without an import, so that pages never see one), elsewhere the portable one; a test keeps the two equal.
 */
import { chacha20 } from '@noble/ciphers/chacha.js';
import type { SecureRandom } from './secure-random.ts';

const chunk = 65_536;
const blockBytes = 64;
/** RFC 8439 counts blocks in 32 bits; a new nonce starts before the counter wraps. */
const chunksPerNonce = 2 ** 31 / (chunk / blockBytes);

/** Chunk `index` of the keystream under a nonce. */
type Keystream = (nonce: Uint8Array, index: number) => Uint8Array;

interface NativeCipher {
  update(bytes: Uint8Array): Uint8Array;
}
interface NodeProcess {
  getBuiltinModule?(
    name: 'node:crypto',
  ): { createCipheriv(algorithm: 'chacha20', key: Uint8Array, iv: Uint8Array): NativeCipher } | undefined;
}

const native = (globalThis as { process?: NodeProcess }).process?.getBuiltinModule?.('node:crypto');
const zeros = new Uint8Array(chunk);

function portableKeystream(key: Uint8Array): Keystream {
  return (nonce, index) => chacha20(key, nonce, zeros, undefined, index * (chunk / blockBytes));
}

function nativeKeystream(createCipheriv: NonNullable<typeof native>['createCipheriv'], key: Uint8Array): Keystream {
  return (nonce, index) => {
    // OpenSSL's initial vector is the counter and the nonce.
    const iv = new Uint8Array(16);
    new DataView(iv.buffer).setUint32(0, index * (chunk / blockBytes), true);
    iv.set(nonce, 4);
    return createCipheriv('chacha20', key, iv).update(zeros);
  };
}

/** A CSPRNG under one key: bytes are drawn from the ChaCha20 keystream, in chunks. @throws RangeError on a key of another length */
export function keystreamRandom(key: Uint8Array): SecureRandom {
  const own = keyOf(key);
  return generatorOver(native ? nativeKeystream(native.createCipheriv, own) : portableKeystream(own));
}

/** The same bytes as `keystreamRandom`, for runtimes without Node's implementation. */
export function portableKeystreamRandom(key: Uint8Array): SecureRandom {
  return generatorOver(portableKeystream(keyOf(key)));
}

function keyOf(key: Uint8Array): Uint8Array {
  if (key.length !== 32) throw new RangeError(`A ChaCha20 key has 32 bytes; got ${key.length}.`);
  return new Uint8Array(key);
}

function generatorOver(keystream: Keystream): SecureRandom {
  const nonce = new Uint8Array(12);
  const view = new DataView(nonce.buffer);
  let nonceNumber = 0;
  let chunkOfNonce = 0;
  let buffer: Uint8Array = new Uint8Array(0);

  const refill = (): void => {
    if (chunkOfNonce === chunksPerNonce) {
      chunkOfNonce = 0;
      nonceNumber += 1;
    }
    view.setUint32(0, nonceNumber, true);
    buffer = keystream(nonce, chunkOfNonce);
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

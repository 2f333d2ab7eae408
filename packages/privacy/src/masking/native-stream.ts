/** The same stream by Node's own ChaCha20, found without an import so that pages never see one. */
import type { WordStream } from './chacha20.ts';

interface NativeCipher {
  update(bytes: Uint8Array): Uint8Array;
}
interface NodeCrypto {
  createCipheriv?(algorithm: 'chacha20', key: Uint8Array, iv: Uint8Array): NativeCipher;
}
interface NodeProcess {
  getBuiltinModule?(name: 'node:crypto'): NodeCrypto | undefined;
}

const native = (globalThis as { process?: NodeProcess }).process?.getBuiltinModule?.('node:crypto');
const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** Null where the runtime has none. */
export const nativeStream: ((seed: Uint8Array, section: number) => WordStream) | null =
  native?.createCipheriv && littleEndian
    ? (seed, section) => streamOver(native as Required<NodeCrypto>, seed, section)
    : null;

/** Most bytes of one call of the streams below. */
const zeros = new Uint8Array(65_536);

function streamOver(crypto: Required<NodeCrypto>, seed: Uint8Array, section: number): WordStream {
  let cipher: NativeCipher | null = null;
  let next = -1;
  return {
    fill(out, counter) {
      if (!cipher || counter !== next) {
        // OpenSSL's initial vector is the counter and the nonce.
        const iv = new Uint8Array(16);
        const view = new DataView(iv.buffer);
        view.setUint32(0, counter, true);
        view.setUint32(4, section, true);
        cipher = crypto.createCipheriv('chacha20', seed, iv);
      }
      const bytes = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
      for (let at = 0; at < bytes.length; at += zeros.length) {
        const made = cipher.update(zeros.subarray(0, Math.min(zeros.length, bytes.length - at)));
        bytes.set(made, at);
        // The cipher's own buffer waits for the collector; the keystream does not.
        made.fill(0);
      }
      next = counter + out.length / 16;
    },
  };
}

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
export const nativeStream: ((seed: Uint8Array, section: number, end: number) => WordStream) | null =
  native?.createCipheriv && littleEndian
    ? (seed, section, end) => streamOver(native as Required<NodeCrypto>, seed, section, end)
    : null;

/** What the cipher makes at a time; it is handed out in smaller pieces, which stay in the nearest cache. */
const zeros = new Uint8Array(65_536);
const nothing = new Uint8Array(0);

/** @param end the block behind the last that is asked for, so that none is made in vain */
function streamOver(crypto: Required<NodeCrypto>, seed: Uint8Array, section: number, end: number): WordStream {
  let cipher: NativeCipher | null = null;
  /** Made and not yet handed out. */
  let ready: Uint8Array = nothing;
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
        ready.fill(0);
        ready = nothing;
      }
      const bytes = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
      for (let at = 0; at < bytes.length; ) {
        if (ready.length === 0) {
          const left = 64 * (end - counter) - at;
          ready = cipher.update(zeros.subarray(0, Math.min(zeros.length, Math.max(left, bytes.length - at))));
        }
        const piece = ready.subarray(0, bytes.length - at);
        bytes.set(piece, at);
        // The cipher's own buffer waits for the collector; the keystream does not.
        piece.fill(0);
        ready = ready.subarray(piece.length);
        at += piece.length;
      }
      next = counter + out.length / 16;
    },
  };
}

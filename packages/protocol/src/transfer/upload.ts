/** Uploads in acknowledged chunks: resumable after a lost connection, hashed end to end. */
import { sha256 } from '@tributary/privacy/hash';
import { chunkBytes, maximumTransferBytes } from '../messages/messages.ts';
import { RefusalError } from '../messages/refusal.ts';

export interface UploadReceiver {
  /** Bytes received so far: the offset from which the sender goes on. */
  readonly received: number;
  /**
   * Takes a chunk. One that was already received (its acknowledgement got lost) is ignored.
   * @returns bytes received so far
   * @throws RefusalError 'wrong-length' on a gap, a partial overlap or more bytes than announced
   */
  receive(offset: number, bytes: Uint8Array): number;
  /** The whole. @throws RefusalError 'wrong-length' when bytes are missing, 'hash-mismatch' */
  finish(): Uint8Array;
}

/**
 * @param memory what to receive into, of the announced length: for whoever uses one buffer again and again
 * @throws RefusalError 'too-large' over the transfer bound, 'wrong-length' for nothing
 */
export function createUploadReceiver(
  announced: { readonly bytes: number; readonly sha256: Uint8Array },
  memory: Uint8Array | null = null,
): UploadReceiver {
  if (announced.bytes > maximumTransferBytes) {
    throw new RefusalError(
      'too-large',
      `An upload of ${announced.bytes} bytes was announced; expected at most ${maximumTransferBytes}.`,
    );
  }
  if (announced.bytes < 1) throw new RefusalError('wrong-length', 'An upload of no bytes was announced.');
  const buffer = memory ?? new Uint8Array(announced.bytes);
  let received = 0;
  return {
    get received() {
      return received;
    },
    receive(offset, bytes) {
      const end = offset + bytes.length;
      if (end <= received && bytes.length > 0) return received;
      if (offset !== received || end > buffer.length || bytes.length === 0) {
        throw new RefusalError(
          'wrong-length',
          `A chunk of ${bytes.length} bytes came at offset ${offset}; expected offset ${received} of ${buffer.length}.`,
        );
      }
      buffer.set(bytes, offset);
      received = end;
      return received;
    },
    finish() {
      if (received !== buffer.length) {
        throw new RefusalError(
          'wrong-length',
          `The upload ends after ${received} bytes; ${buffer.length} were announced.`,
        );
      }
      if (!equal(sha256(buffer), announced.sha256)) {
        throw new RefusalError('hash-mismatch', 'The upload does not hash to what was announced; send it again.');
      }
      return buffer;
    },
  };
}

/** The chunks of a payload from an offset. */
export function* uploadChunks(
  payload: Uint8Array,
  from: number,
): Generator<{ readonly offset: number; readonly bytes: Uint8Array }> {
  for (let offset = from; offset < payload.length; offset += chunkBytes) {
    yield { offset, bytes: payload.subarray(offset, Math.min(payload.length, offset + chunkBytes)) };
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

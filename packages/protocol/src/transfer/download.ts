/** Downloads in chunks: resumable after a lost connection, hashed end to end. */
import { bytesToHex } from '@tributary/privacy/bytes';
import { sha256 } from '@tributary/privacy/hash';
import { maximumTransferBytes } from '../messages/messages.ts';
import { RefusalError } from '../messages/refusal.ts';
import { throwIfAborted } from './aborted.ts';

/** What has arrived so far; hand it back in to go on where a lost connection broke off. */
export interface PartialDownload {
  buffer: Uint8Array | null;
  received: number;
}

export function emptyDownload(): PartialDownload {
  return { buffer: null, received: 0 };
}

export interface DownloadOptions {
  /** SHA-256 of the whole, in hex. */
  readonly hash: string;
  /** One chunk from an offset; rejects when the connection is lost. */
  readonly request: (
    offset: number,
  ) => Promise<{ readonly total: number; readonly offset: number; readonly bytes: Uint8Array }>;
  /** Kept up to date while the download goes on. */
  readonly partial?: PartialDownload;
  readonly onProgress?: (received: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * @throws RefusalError 'too-large', 'wrong-length', 'hash-mismatch'; whatever `request` rejects with (the partial stays good)
 */
export async function download(options: DownloadOptions): Promise<Uint8Array> {
  const { hash, request, onProgress, signal, partial = emptyDownload() } = options;
  for (;;) {
    throwIfAborted(signal);
    const chunk = await request(partial.received);
    if (chunk.total > maximumTransferBytes) {
      throw new RefusalError(
        'too-large',
        `The other side offers ${chunk.total} bytes; expected at most ${maximumTransferBytes}.`,
      );
    }
    partial.buffer ??= new Uint8Array(chunk.total);
    const { buffer } = partial;
    const end = partial.received + chunk.bytes.length;
    if (
      chunk.total !== buffer.length ||
      chunk.offset !== partial.received ||
      end > buffer.length ||
      (chunk.bytes.length === 0 && end < buffer.length)
    ) {
      reset(partial);
      throw new RefusalError('wrong-length', 'A chunk does not continue the download; start it again.');
    }
    buffer.set(chunk.bytes, partial.received);
    partial.received = end;
    onProgress?.(end, buffer.length);
    if (end < buffer.length) continue;
    if (bytesToHex(sha256(buffer)) !== hash) {
      reset(partial);
      throw new RefusalError(
        'hash-mismatch',
        'What was downloaded does not hash to what was asked for; it was thrown away.',
      );
    }
    return buffer;
  }
}

function reset(partial: PartialDownload): void {
  partial.buffer = null;
  partial.received = 0;
}

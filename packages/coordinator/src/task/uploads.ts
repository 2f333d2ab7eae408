/** Uploads of one round, whatever is in them: opened when there is a place, received in chunks, handed over when complete. */
import { bytesToHex } from '@tributary/privacy';
import {
  type Answer,
  type Content,
  createUploadReceiver,
  RefusalError,
  type UploadReceiver,
} from '@tributary/protocol';
import type { UploadPlace, UploadPlaces } from './upload-places.ts';
import { createYoungGarbage } from './young-garbage.ts';

/** What a device said of its upload when it opened it. */
export type Announcement = Content<'uploadOpen'>;

export interface RoundUploads {
  /** Bytes of each upload. */
  readonly expected: number;
  /** Waits for a place. @throws RefusalError 'wrong-length', 'deadline-passed', or what the announcement is refused for */
  open(device: string, content: Announcement): Promise<Answer<'uploadOpen'>>;
  /** @throws RefusalError 'out-of-phase', 'wrong-length' */
  chunk(device: string, content: Content<'uploadChunk'>): Answer<'uploadChunk'>;
  /** Adds a complete upload to the sum; then its memory is wiped and used again. @throws RefusalError */
  close(device: string): void;
  /** The device went away or declined: it no longer waits for a place. An upload that is under way may go on for a while. */
  abandonWaiting(device: string): void;
  /** Refuses everything from here on and frees all places. */
  end(): void;
  readonly bytesReceived: number;
}

interface Upload {
  readonly sha256: string;
  readonly announcement: Announcement;
  readonly receiver: UploadReceiver;
  readonly memory: Uint8Array;
  readonly place: UploadPlace;
  idle: ReturnType<typeof setTimeout>;
}

export interface UploadsOptions {
  readonly round: number;
  /** Bytes of an upload: all have as many. */
  readonly expected: number;
  readonly places: UploadPlaces;
  /** A place without progress for so long is lost. */
  readonly idleMilliseconds: number;
  /** Memory to receive an upload in, of `expected` bytes; null or left out: memory of its own. */
  memory?(): Uint8Array | null;
  /** Checks what a device says of its upload before any byte of it is taken. @throws RefusalError */
  announced(device: string, announcement: Announcement): void;
  /** Adds the bytes, whose hash is as announced, to the sum; they may be overwritten, and are wiped after it. @throws RefusalError */
  complete(device: string, bytes: Uint8Array, announcement: Announcement): void;
}

export function createRoundUploads(options: UploadsOptions): RoundUploads {
  const { round, expected, places, idleMilliseconds } = options;
  const uploads = new Map<string, Upload>();
  const garbage = createYoungGarbage(expected);
  /** Wiped, at most one per place: uploads that come one after the other leave nothing for the garbage collector. */
  const spare: Uint8Array[] = [];
  /** Devices that wait for a place, each with the means to give up. */
  const waiting = new Map<string, AbortController>();
  let ended = false;
  let bytesReceived = 0;

  function drop(device: string): void {
    const upload = uploads.get(device);
    if (!upload) return;
    clearTimeout(upload.idle);
    uploads.delete(device);
    upload.memory.fill(0);
    spare.push(upload.memory);
    upload.place.release();
  }

  function refuseWhenEnded(): void {
    if (ended)
      throw new RefusalError('deadline-passed', `Round ${round} no longer takes contributions; wait for the next.`);
  }

  function touch(device: string, upload: Upload): void {
    clearTimeout(upload.idle);
    upload.idle = setTimeout(() => drop(device), idleMilliseconds);
  }

  function uploadOf(device: string): Upload {
    refuseWhenEnded();
    const upload = uploads.get(device);
    if (!upload)
      throw new RefusalError(
        'out-of-phase',
        'No upload is open for this device, or its place was lost; open it again.',
      );
    return upload;
  }

  return {
    expected,
    async open(device, announcement) {
      const { bytes, sha256 } = announcement;
      refuseWhenEnded();
      if (bytes !== expected) {
        throw new RefusalError('wrong-length', `The upload has ${bytes} bytes; round ${round} expects ${expected}.`);
      }
      options.announced(device, announcement);
      const digest = bytesToHex(sha256);
      const before = uploads.get(device);
      // Asking again is no progress: the place's time runs on.
      if (before?.sha256 === digest) return { offset: before.receiver.received };
      drop(device);
      // A device that asks again waits once.
      waiting.get(device)?.abort();
      const patience = new AbortController();
      waiting.set(device, patience);
      const place = await places.acquire(patience.signal);
      if (waiting.get(device) !== patience || !place) {
        // A later opening took over while this one waited, or was granted its place in the same turn; or the round ended.
        place?.release();
        refuseWhenEnded();
        throw new RefusalError(
          'busy',
          'This upload was opened a second time while it waited; the later one goes on.',
          250,
        );
      }
      waiting.delete(device);
      try {
        refuseWhenEnded();
        const memory = spare.pop() ?? options.memory?.() ?? new Uint8Array(bytes);
        const upload: Upload = {
          sha256: digest,
          announcement,
          receiver: createUploadReceiver({ bytes, sha256 }, memory),
          memory,
          place,
          idle: setTimeout(() => drop(device), idleMilliseconds),
        };
        uploads.set(device, upload);
        return { offset: 0 };
      } catch (error) {
        place.release();
        throw error;
      }
    },
    chunk(device, { offset, bytes }) {
      const upload = uploadOf(device);
      const before = upload.receiver.received;
      const received = upload.receiver.receive(offset, bytes);
      garbage.arrived(bytes.length);
      // A repeated chunk is no progress.
      if (received > before) {
        bytesReceived += received - before;
        touch(device, upload);
      }
      return { received };
    },
    close(device) {
      const upload = uploadOf(device);
      try {
        options.complete(device, upload.receiver.finish(), upload.announcement);
      } finally {
        drop(device);
      }
    },
    abandonWaiting(device) {
      waiting.get(device)?.abort();
      waiting.delete(device);
    },
    end() {
      ended = true;
      for (const patience of waiting.values()) patience.abort();
      waiting.clear();
      for (const device of [...uploads.keys()]) drop(device);
    },
    get bytesReceived() {
      return bytesReceived;
    },
  };
}

/** Uploads of one round: opened when there is a place, received in chunks, unsealed and checked when complete. */
import { bytesToHex, openInPlace, type SealingKeys, sealedLength } from '@tributary/privacy';
import {
  type Answer,
  type Content,
  createUploadReceiver,
  type DecodedPayload,
  payloadBytes,
  RefusalError,
  type RoundDescriptor,
  type UploadReceiver,
} from '@tributary/protocol';
import { checkedContribution } from '../aggregation/contribution-check.ts';
import type { UploadPlace, UploadPlaces } from './upload-places.ts';
import { createYoungGarbage } from './young-garbage.ts';

export interface RoundUploads {
  /** Waits for a place. @throws RefusalError 'wrong-length', 'deadline-passed' */
  open(device: string, content: Content<'uploadOpen'>): Promise<Answer<'uploadOpen'>>;
  /** @throws RefusalError 'out-of-phase', 'wrong-length' */
  chunk(device: string, content: Content<'uploadChunk'>): Answer<'uploadChunk'>;
  /**
   * Hands the checked contribution of a complete upload to `add`; when that returns, it is wiped and its memory used again.
   * @throws RefusalError
   */
  close(device: string, add: (contribution: DecodedPayload) => void): void;
  /** The device went away or declined: it no longer waits for a place. An upload that is under way may go on for a while. */
  abandonWaiting(device: string): void;
  /** Refuses everything from here on and frees all places. */
  end(): void;
  readonly bytesReceived: number;
}

interface Upload {
  readonly sha256: string;
  readonly receiver: UploadReceiver;
  readonly memory: Uint8Array;
  readonly place: UploadPlace;
  idle: ReturnType<typeof setTimeout>;
}

export function createRoundUploads(options: {
  readonly descriptor: Pick<RoundDescriptor, 'round' | 'sections' | 'clipNorm' | 'evaluationScale'>;
  readonly sealingKeys: SealingKeys;
  readonly places: UploadPlaces;
  /** A place without progress for so long is lost. */
  readonly idleMilliseconds: number;
}): RoundUploads {
  const { descriptor, sealingKeys, places, idleMilliseconds } = options;
  const expected = sealedLength(payloadBytes(descriptor.sections));
  const uploads = new Map<string, Upload>();
  const garbage = createYoungGarbage(expected);
  /** Wiped, at most one per place: uploads that come one after the other leave nothing for the garbage collector. */
  const spare: Uint8Array[] = [];
  /** Devices that wait for a place, each with the means to give up. */
  const waiting = new Map<string, AbortController>();
  /**
   * Nonces of the seals in the sum. What somebody saw on the network and sends again under an identity of its own opens like the
   * original, and would count a person twice. Its nonce is under the authenticator; that of an honest device is its own.
   */
  const nonces = new Set<string>();
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
      throw new RefusalError(
        'deadline-passed',
        `Round ${descriptor.round} no longer takes contributions; wait for the next.`,
      );
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
    async open(device, { bytes, sha256 }) {
      refuseWhenEnded();
      if (bytes !== expected) {
        throw new RefusalError(
          'wrong-length',
          `The upload has ${bytes} bytes; round ${descriptor.round} expects ${expected}.`,
        );
      }
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
        const memory = spare.pop() ?? new Uint8Array(bytes);
        const upload: Upload = {
          sha256: digest,
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
    close(device, add) {
      const upload = uploadOf(device);
      try {
        const sealed = upload.receiver.finish();
        const nonce = sealNonce(sealed);
        const plaintext = openInPlace(sealed, sealingKeys);
        if (!plaintext) {
          throw new RefusalError(
            'cannot-open',
            "The upload was not sealed to this round's key, or was changed on the way; it was not added.",
          );
        }
        if (nonces.has(nonce)) {
          throw new RefusalError(
            'replayed',
            'These sealed bytes are part of the sum already, sent by another device; seal a contribution of your own.',
          );
        }
        add(checkedContribution(plaintext, descriptor));
        nonces.add(nonce);
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

/** The nonce of sealed bytes (ephemeral public key 32 | nonce 24 | box), one character a byte; opening in place overwrites it. */
function sealNonce(sealed: Uint8Array): string {
  return String.fromCharCode(...sealed.subarray(32, 56));
}

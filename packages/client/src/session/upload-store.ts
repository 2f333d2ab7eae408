/** Keeps a sealed upload until it is acknowledged, so that a restart of the app resumes it instead of training again. */
import { bytesToHex, hexToBytes, type MechanismEvent } from '@tributary/privacy';
import type { TaskSummary } from '@tributary/protocol';
import { inBlobTurn } from '../storage/blob-turns.ts';
import type { Storage } from '../storage/storage.ts';
import type { SealedUpload } from './round-work.ts';

export interface Participation {
  /** Highest round that this device took part in; 0 for none. */
  readonly lastRound: number;
  readonly contributions: number;
  /** Contributions that were made, whether or not they came to be in a sum. */
  readonly uploads: number;
  /** Of those with noise of the devices. */
  readonly spent: readonly MechanismEvent[];
  /** What the task announced of its noise when this device first took part; missing before that. */
  readonly terms?: TaskSummary['noise'];
}

export async function readParticipation(storage: Storage): Promise<Participation> {
  const {
    lastRound,
    contributions,
    uploads = contributions,
    spent = [],
    terms,
  } = (await storage.readRecord('participation')) ?? { lastRound: 0, contributions: 0 };
  return { lastRound, contributions, uploads, spent, ...(terms !== undefined && { terms }) };
}

/** What was announced at first is what binds. */
export async function keepTerms(storage: Storage, terms: TaskSummary['noise']): Promise<void> {
  const participation = await readParticipation(storage);
  if (participation.terms === undefined) await storage.writeRecord('participation', { ...participation, terms });
}

/** From here on the round counts as taken part in: a second, different contribution to it is never made. */
export function storeUpload(storage: Storage, upload: SealedUpload): Promise<void> {
  return inBlobTurn(storage, async () => {
    const hash = bytesToHex(upload.sha256);
    // Counted before it can be sent: after a crash in between there is one upload less than was counted, never one more.
    const before = await readParticipation(storage);
    await storage.writeRecord('participation', {
      ...before,
      lastRound: Math.max(before.lastRound, upload.round),
      uploads: before.uploads + 1,
    });
    // The record before the blob: without its blob it is dropped on restoring, while a blob without it would stay.
    await storage.writeRecord('interruptedUpload', {
      round: upload.round,
      roundHash: upload.roundHash,
      sha256: hash,
      bytes: upload.bytes.length,
      until: upload.until,
    });
    await storage.writeBlob(hash, upload.bytes);
  });
}

/** The upload that an earlier run left behind, unless its time is over. */
export function restoreUpload(storage: Storage, now: number): Promise<SealedUpload | null> {
  return inBlobTurn(storage, async () => {
    const record = await storage.readRecord('interruptedUpload');
    if (record === null) return null;
    const bytes = record.until > now ? await storage.readBlob(record.sha256).catch(() => null) : null;
    if (bytes === null) {
      await storage.removeRecord('interruptedUpload');
      return null;
    }
    const { round, roundHash, until } = record;
    return { round, roundHash, bytes, sha256: hexToBytes(record.sha256), until };
  });
}

/** The upload is acknowledged, or no longer wanted. */
export function dropUpload(storage: Storage, acknowledged: boolean): Promise<void> {
  return inBlobTurn(storage, async () => {
    await storage.removeRecord('interruptedUpload');
    const model = await storage.readRecord('model');
    await storage.keepBlobs(model?.blobs ?? []);
    if (!acknowledged) return;
    const before = await readParticipation(storage);
    await storage.writeRecord('participation', { ...before, contributions: before.contributions + 1 });
  });
}

/**
 * One device's work on one round, from the invitation to the acknowledged upload. The work outlives connections: what was
 * trained and sealed is kept (and stored) until the coordinator has it or no longer wants it, and is never made twice.
 */

import type { History } from '@tributary/model';
import { seededRandom } from '@tributary/model';
import { bytesToHex, type SecureRandom, seal, sha256 } from '@tributary/privacy';
import { type Content, RefusalError, type RoundDescriptor, uploadChunks } from '@tributary/protocol';
import { TributaryError } from '../errors/tributary-error.ts';
import type { PreparedModel } from '../recommend/model-cache.ts';
import type { Emit } from '../sdk/events.ts';
import { encodeUpdate, type LocalPlan, type LocalUpdate, trainForRound } from '../training/index.ts';
import { trainingSeed } from '../training/training-seed.ts';
import { sleep, yieldToEventLoop } from './backoff.ts';
import type { Connection } from './connection.ts';

/** A sealed upload: what leaves the device, and nothing else does. */
export interface SealedUpload {
  readonly round: number;
  readonly roundHash: string;
  readonly bytes: Uint8Array;
  readonly sha256: Uint8Array;
  /** When the coordinator no longer takes it, by the clock that deadlines are held against. */
  readonly until: number;
}

/** An upload as it is sent. */
export interface Sendable extends Omit<SealedUpload, 'roundHash'> {
  /** What the device signs about a masked vector; null for a sealed one. */
  readonly statement: Content<'uploadOpen'>['statement'];
}

/** What a device trains a round with. */
export interface RoundTraining {
  readonly descriptor: RoundDescriptor;
  readonly model: PreparedModel;
  readonly history: History;
  readonly negatives: number;
  readonly federated: boolean;
  readonly random: SecureRandom;
}

/** Trains; other work gets its turn before. */
export async function trainUpdate(training: RoundTraining): Promise<LocalUpdate> {
  const { descriptor, model, history, negatives, federated, random } = training;
  const plan: LocalPlan = {
    clipNorm: descriptor.clipNorm,
    evaluationScale: descriptor.evaluationScale,
    weighting: descriptor.weighting,
    evaluation: { federated, negatives },
  };
  const { recommender, bound } = model;
  await yieldToEventLoop();
  return trainForRound({
    bound,
    layoutSizes: { items: recommender.itemCount, contribution: recommender.contributionLayout.size },
    history,
    plan,
    random: seededRandom(trainingSeed(random)),
  });
}

/** Trains, encodes and seals. */
export async function makeUpload(
  training: RoundTraining & { readonly roundHash: string; readonly until: number; readonly sealingKey: Uint8Array },
): Promise<SealedUpload> {
  const { descriptor, roundHash, until, random, sealingKey } = training;
  const payload = encodeUpdate(await trainUpdate(training), descriptor.sections);
  await yieldToEventLoop();
  const bytes = seal(payload, sealingKey, random);
  payload.fill(0);
  return { round: descriptor.round, roundHash, bytes, sha256: sha256(bytes), until };
}

export type UploadOutcome = { readonly kind: 'uploaded' } | { readonly kind: 'missed'; readonly reason: string };

/** How often an upload whose place was lost is opened again. */
const openAttempts = 5;

/** The coordinator no longer takes this upload, or never asked this device: nothing to repair. */
export const missedCodes: ReadonlySet<string> = new Set([
  'unknown-round',
  'not-invited',
  'deadline-passed',
  'shutting-down',
]);

/**
 * Sends what the coordinator does not have yet.
 * @throws TributaryError 'connection' when the connection is lost (try again on the next one), 'refused' when the upload itself
 * is refused
 */
export async function sendUpload(
  connection: Connection,
  upload: Sendable,
  emit: Emit,
  elapsed: () => number,
  signal: AbortSignal,
): Promise<UploadOutcome> {
  const { round, bytes, sha256: digest, statement } = upload;
  for (let attempt = 1; ; attempt++) {
    const left = upload.until - elapsed();
    if (left <= 0) return { kind: 'missed', reason: 'the time for uploads is over' };
    if (signal.aborted) return { kind: 'missed', reason: 'the round has ended' };
    try {
      // Held back until the coordinator has a free place: as long as the round lasts.
      const { offset } = await connection.request(
        'uploadOpen',
        { round, bytes: bytes.length, sha256: digest, statement },
        { timeoutMilliseconds: left + 10_000, signal },
      );
      for (const chunk of uploadChunks(bytes, offset)) {
        const { received } = await connection.request('uploadChunk', { round, ...chunk }, { signal });
        emit('progress', { direction: 'up', kind: 'update', transferred: received, total: bytes.length });
      }
      await connection.request('uploadClose', { round });
      return { kind: 'uploaded' };
    } catch (error) {
      if (!(error instanceof RefusalError)) throw error;
      // The acknowledgement was lost on an earlier connection: the contribution is in the sum.
      if (error.code === 'duplicate-upload') return { kind: 'uploaded' };
      if (missedCodes.has(error.code)) return { kind: 'missed', reason: error.message };
      const lostPlace = error.code === 'out-of-phase' || error.code === 'busy' || error.code === 'wrong-length';
      if (!lostPlace || attempt >= openAttempts) {
        throw new TributaryError('refused', `The coordinator refused the upload of round ${round}: ${error.message}`, {
          cause: error,
          refusal: error.code,
        });
      }
      await sleep(error.retryAfterMilliseconds ?? 250 * attempt, signal);
    }
  }
}

export const sealedUploadHash = (upload: SealedUpload): string => bytesToHex(upload.sha256);

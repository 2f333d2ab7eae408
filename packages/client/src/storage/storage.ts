/**
 * Where a device keeps what is its own. One storage belongs to one person and one task. Nothing in here is ever sent, except
 * what the protocol says (the public identity and sealed uploads).
 */

import type { MechanismEvent } from '@tributary/privacy';
import type { TaskSummary } from '@tributary/protocol';

/** One tracked event of the person. */
export interface StoredInteraction {
  readonly type: string;
  readonly itemId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly recommendationId?: string;
}

/** Small records, each written whole and atomically. Values are plain JSON; keys and hashes are lower-case hex. */
export interface StorageRecords {
  /** The task that this storage belongs to. */
  readonly task: { readonly task: string };
  readonly identity: { readonly publicKey: string; readonly secretKey: string };
  /** The coordinator's key, pinned when it was first seen or given by the host. */
  readonly coordinatorKey: { readonly key: string };
  readonly consent: {
    readonly status: 'granted' | 'denied';
    /** Version of the text that the person agreed to or declined. */
    readonly version: string;
    readonly at: number;
    /** Aggregation plans that it covers. */
    readonly plans?: readonly string[];
  };
  /** What the person has chosen besides consent. */
  readonly preferences: { readonly paused: boolean };
  /** The person's own part of the model, fitted to `version` from the first `interactions` events. */
  readonly privateVector: {
    readonly version: string;
    readonly interactions: number;
    readonly vector: readonly number[];
  };
  readonly participation: {
    /** Highest round number that this device took part in; later ones must be higher. */
    readonly lastRound: number;
    /** Rounds whose sum holds a contribution of this device. */
    readonly contributions: number;
    /** Rounds that a contribution was made for, whether or not it came to be in a sum; `contributions` where it is missing. */
    readonly uploads?: number;
    /** What they spent of this person's privacy, by the noise of the devices in their sums; equal ones as steps of one. */
    readonly spent?: readonly MechanismEvent[];
    /** What the task announced of its noise when this device first took part. */
    readonly terms?: TaskSummary['noise'];
  };
  /** Contributions to model versions under secure aggregation, the latest versions; what this device has answered of its rosters. */
  readonly secureParticipation: {
    readonly versions: readonly { readonly version: string; readonly contributions: number }[];
    readonly answered: readonly { readonly rosterHash: string; readonly what: 'acknowledged' | 'revealed' }[];
    /** When rosters were entered, the last 24 hours. */
    readonly rosters: readonly number[];
  };
  /** Identity logs as they were last seen, one for each population. */
  readonly identityLogs: {
    readonly seen: readonly {
      readonly population: string;
      readonly size: number;
      readonly root: string;
      /** What a signed round said against it: evidence, never believed. */
      readonly contradicted?: { readonly round: number; readonly size: number; readonly root: string };
    }[];
  };
  /** Public identities of other devices, where rounds know them as they are met at first; the latest. */
  readonly identityPins: { readonly identities: readonly string[] };
  /** The model version in use. */
  readonly model: {
    /** Task summary and signed version as the wire has them (the reply to `authenticate`), in hex. */
    readonly description: string;
    /** Its blobs: parameters and catalogue. */
    readonly blobs: readonly string[];
  };
  /** A sealed upload that has not been acknowledged in full; its bytes are the blob `sha256`. */
  readonly interruptedUpload: {
    readonly round: number;
    readonly roundHash: string;
    readonly sha256: string;
    readonly bytes: number;
    /** After this instant (milliseconds since 1970) the coordinator no longer takes it. */
    readonly until: number;
  };
}

export type StorageRecordName = keyof StorageRecords;

const everyRecord: Readonly<Record<StorageRecordName, true>> = {
  task: true,
  identity: true,
  coordinatorKey: true,
  consent: true,
  preferences: true,
  privateVector: true,
  participation: true,
  secureParticipation: true,
  identityLogs: true,
  identityPins: true,
  model: true,
  interruptedUpload: true,
};
export const storageRecordNames = Object.keys(everyRecord) as readonly StorageRecordName[];

/**
 * The contract of a storage (`storage-contract.cases.ts` holds it against every implementation). A resolved write is durable: as far as
 * the medium goes, it survives a crash. Operations on one storage may overlap and take effect in the order of the calls.
 *
 * Every method rejects with a `StorageError` when the medium is damaged, locked, full or gone.
 */
export interface Storage {
  /** Where instances in several tabs may hold it open at a time: what they know it by. */
  readonly sharedAs?: string;

  appendInteraction(interaction: StoredInteraction): Promise<void>;
  /** In the order of the calls that appended them. */
  listInteractions(): Promise<readonly StoredInteraction[]>;
  /** Removes all but the `count` that were appended last: all of the others or, after a crash or a failure, the oldest or none of them. */
  keepLatestInteractions(count: number): Promise<void>;
  eraseInteractions(): Promise<void>;

  /** Null when it was never written, or removed. */
  readRecord<Name extends StorageRecordName>(name: Name): Promise<StorageRecords[Name] | null>;
  writeRecord<Name extends StorageRecordName>(name: Name, value: StorageRecords[Name]): Promise<void>;
  removeRecord(name: StorageRecordName): Promise<void>;

  /**
   * Bytes by their SHA-256 (hex): cached models and catalogues, sealed uploads. Null when there are none of that hash. The
   * caller must not change the array afterwards, on either way.
   */
  readBlob(hash: string): Promise<Uint8Array | null>;
  writeBlob(hash: string, bytes: Uint8Array): Promise<void>;
  /** Removes every blob that is not named. */
  keepBlobs(hashes: readonly string[]): Promise<void>;

  /** Removes all of it: interactions, records and blobs, leftovers of crashes too. */
  wipe(): Promise<void>;

  /** Releases what the storage holds (locks); later calls reject. */
  close(): Promise<void>;
}

/**
 * What a coordinator must not lose, behind one interface: tasks, catalogues, model versions, rounds and the privacy ledger.
 * The embedded store and a server database answer the same queries (see sql-store.ts); `store-contract.cases.ts` says what each
 * owes. Contributions are never here.
 */
import type { LedgerEntry } from '@tributary/privacy';
import type { ModelVersion, TaskDocument } from '@tributary/protocol';
import type { EngineName } from '../aggregation/engines/engine.ts';
import type { LedgerPort } from '../ledger/ledger.ts';
import type { OptimizerState } from '../optimizer/optimizer.ts';

export type TaskStatus = 'running' | 'completed' | 'stopped' | 'budget-spent' | 'paused';

export interface TaskRecord {
  readonly id: string;
  readonly document: TaskDocument;
  readonly catalogueHash: string;
  readonly status: TaskStatus;
  /** Why it is not running, in words; empty otherwise. */
  readonly reason: string;
  /** Highest round number opened so far, closed or not; rounds rise strictly. */
  readonly lastRound: number;
  readonly closedRounds: number;
  /** Hash of the version in force. */
  readonly currentVersion: string;
  readonly createdAt: number;
}

/** A public item of a catalogue. */
export interface CatalogueItem {
  readonly id: string;
  readonly title: string;
  readonly attributes: readonly string[];
  readonly description: string;
}

export interface RoundRecord {
  readonly task: string;
  readonly round: number;
  /** `open` only while it runs; a crash leaves it so until the next start. */
  readonly outcome: 'open' | 'closed' | 'abandoned';
  readonly reason: string;
  readonly invited: number;
  readonly contributions: number;
  readonly openedAt: number;
  readonly endedAt: number | null;
  /** Version that the round published, or null. */
  readonly version: string | null;
  /** Means of the devices' own evaluation, from the sum alone; null without. */
  readonly metrics: Readonly<Record<string, number>> | null;
  readonly bytesReceived: number;
  /** What added it up and took the masks off; null before the sum was opened, and of rounds before this was kept. */
  readonly engine: EngineName | null;
}

export interface VersionRecord {
  readonly version: ModelVersion;
  /** Order of publication within the task, from 0. */
  readonly position: number;
  readonly createdAt: number;
  /** Where it came from: training, an import, a rollback. */
  readonly origin: 'initial' | 'round' | 'import' | 'rollback';
}

/** Everything that one publication changes, written together or not at all. */
export interface Publication {
  readonly task: string;
  readonly version: ModelVersion;
  readonly origin: VersionRecord['origin'];
  /** [layout.size] */
  readonly parameters: Float32Array;
  readonly optimizerState: OptimizerState;
  readonly createdAt: number;
  /** The round that ends with it, if one does. */
  readonly round: RoundRecord | null;
  /** The `released` entry, where the release was charged. */
  readonly ledgerEntry: LedgerEntry | null;
}

export interface NewTask {
  readonly document: TaskDocument;
  readonly catalogue: Uint8Array;
  readonly catalogueHash: string;
  readonly createdAt: number;
  /** The first version. */
  readonly version: ModelVersion;
  readonly parameters: Float32Array;
}

/** The identities of each population's log, append-only: public keys, in the order in which they were first seen. */
export interface IdentityPort {
  /** [count of 32 bytes], from a position on. */
  list(population: string, from?: number): Promise<readonly Uint8Array[]>;
  /**
   * Appends durably, all or none, if the log has `position` identities and none of these.
   * @returns false when another writer was faster; nothing is written then
   */
  append(population: string, position: number, identities: readonly Uint8Array[]): Promise<boolean>;
}

export interface Store {
  /** Where it is, for messages. */
  readonly location: string;
  readonly ledger: LedgerPort;
  /** Populations that have a ledger, in the order of their names. */
  ledgerPopulations(): Promise<readonly string[]>;
  readonly identities: IdentityPort;
  /** @throws StoreError 'conflict' when the task exists */
  createTask(task: NewTask): Promise<void>;
  tasks(): Promise<TaskRecord[]>;
  task(id: string): Promise<TaskRecord | null>;
  setTaskStatus(id: string, status: TaskStatus, reason: string): Promise<void>;
  catalogue(hash: string): Promise<Uint8Array | null>;
  /** Writes the round as open and raises the task's last round. */
  openRound(round: RoundRecord): Promise<void>;
  /** Writes how a round ended without a publication. */
  endRound(round: RoundRecord): Promise<void>;
  /** Newest first. */
  rounds(task: string, limit: number): Promise<RoundRecord[]>;
  openRounds(): Promise<RoundRecord[]>;
  /** @throws StoreError 'conflict' when the ledger's head has moved or the version's parent is not in force */
  publish(publication: Publication): Promise<void>;
  /** Oldest first. */
  versions(task: string): Promise<VersionRecord[]>;
  version(hash: string): Promise<VersionRecord | null>;
  /** Parameter bytes from an offset; null for an unknown hash. */
  parameterBytes(
    parametersHash: string,
    offset: number,
    length: number,
  ): Promise<{ readonly total: number; readonly bytes: Uint8Array } | null>;
  /** All parameters of a version, not yet verified; null for an unknown hash. */
  parameters(parametersHash: string): Promise<Float32Array | null>;
  optimizerState(task: string): Promise<OptimizerState>;
  close(): Promise<void>;
}

/** What the HTTP pages need of a coordinator. Nothing here is about one device. */
import type { SignedLogRoot } from '@tributary/privacy';
import type { ModelVersion, TaskDocument } from '@tributary/protocol';
import type { EngineName } from '../aggregation/engines/engine.ts';
import type { CatalogueItem, RoundRecord, TaskRecord, VersionRecord } from '../store/store.ts';

/** A task's round as it runs; structurally part of the task runner's view. */
export interface LiveRound {
  readonly round: number;
  readonly phase: string;
  readonly connected: number;
  readonly available: number;
  readonly invited: number;
  readonly uploaded: number;
  readonly bytesReceived: number;
  readonly plan: string;
  /** Of a secure round, once its roster is closed. */
  readonly secure: { readonly cohort: number; readonly neighbours: number; readonly threshold: number } | null;
}

/** A population's identity log, as anybody may read it; part of `PopulationLog`. */
export interface IdentityLogPage {
  signedRoot(): SignedLogRoot;
  page(from: number, count: number): readonly Uint8Array[];
  consistency(from: number, to: number): Uint8Array;
}

export interface TaskPage {
  readonly record: TaskRecord;
  /** Null while no round is open. */
  readonly live: LiveRound | null;
}

export interface HttpPort {
  /** Admin calls are refused without one. */
  readonly adminToken: string | null;
  health(): {
    readonly software: string;
    readonly uptimeSeconds: number;
    /** What rounds are added up with. */
    readonly engine: { readonly name: EngineName; readonly device: string };
  };
  /** Whether it takes part in rounds now, and why not. */
  ready(): Promise<{ readonly ready: boolean; readonly reason: string }>;
  tasks(): Promise<readonly TaskPage[]>;
  task(id: string): Promise<TaskPage | null>;
  /** Newest first. */
  rounds(task: string, limit: number): Promise<readonly RoundRecord[]>;
  /** Oldest first. */
  versions(task: string): Promise<readonly VersionRecord[]>;
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** @throws StoreError 'conflict'; LedgerError */
  createTask(document: TaskDocument, catalogue: readonly CatalogueItem[]): Promise<void>;
  /** Whether there was such a task. */
  stopTask(id: string): Promise<boolean>;
  /** @throws RegistryError; StoreError 'conflict' */
  rollback(task: string, version: string): Promise<ModelVersion>;
  /** The identity log of a population; null where there is none. */
  identityLog(population: string): Promise<IdentityLogPage | null>;
  /** What went wrong inside, for the log. */
  failed(error: unknown): void;
}

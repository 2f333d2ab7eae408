/** What a task is to those around it: what it is given, what it tells, and what devices and operators ask of it. */
import type { Recommender } from '@tributary/model';
import type { Identity, SecureRandom } from '@tributary/privacy';
import {
  type Answer,
  type Content,
  type ModelVersion,
  type NotificationName,
  noisePlanOf,
  type RequestName,
  type TaskSummary,
} from '@tributary/protocol';
import type { RoundEngines } from '../aggregation/engines/round-engines.ts';
import type { PopulationLog } from '../identities/population-log.ts';
import type { Ledger, LedgerSpend } from '../ledger/ledger.ts';
import type { OptimizerState } from '../optimizer/optimizer.ts';
import type { StepThread } from '../release/step-thread.ts';
import type { AggregationPlan, RoundState } from '../round/index.ts';
import type { RoundRecord, Store, TaskRecord, TaskStatus } from '../store/store.ts';
import type { SecureRoundView } from './secure/secure-round-shell.ts';
import type { UploadPlaces } from './upload-places.ts';

/** An authenticated device, as the task sees it. */
export interface Device {
  /** Its identity's public key in hex. */
  readonly id: string;
  notify<N extends Exclude<NotificationName, 'challenge'>>(name: N, content: Content<N>): void;
}

/** What a user interface shows of a task; nothing in it is about one device. */
export interface RoundView {
  readonly task: string;
  readonly round: number;
  readonly phase: RoundState['phase'];
  readonly connected: number;
  readonly available: number;
  readonly invited: number;
  readonly uploaded: number;
  readonly target: number;
  readonly minimum: number;
  readonly closedRounds: number;
  readonly rounds: number;
  readonly bytesReceived: number;
  readonly plan: AggregationPlan;
  /** Of a secure round, once its roster is closed. */
  readonly secure: SecureRoundView | null;
  readonly reason: string;
  readonly metrics: Readonly<Record<string, number>> | null;
}

export interface TaskEvents {
  round(view: RoundView): void;
  version(version: ModelVersion): void;
  task(change: { readonly task: string; readonly status: TaskStatus; readonly reason: string }): void;
  roundEnded(round: RoundRecord): void;
  /** A contribution was added; the bytes of its upload. */
  contribution(bytes: number): void;
  /** A phase of a round is over. */
  phaseEnded(phase: { readonly task: string; readonly phase: RoundState['phase']; readonly seconds: number }): void;
  /** How near a secure round's sum came to wrapping, in [0, 1]. */
  filled(task: string, fill: number): void;
  /** What the task's population has been charged by now. */
  spent(population: string, spend: LedgerSpend): void;
  connected(devices: 1 | -1): void;
  /** Something went wrong that is not a device's fault. */
  failure(error: unknown): void;
}

export interface TaskSettings {
  readonly store: Store;
  readonly identity: Identity;
  readonly random: SecureRandom;
  readonly now: () => number;
  readonly places: UploadPlaces;
  /** What rounds are added up with; the coordinator closes it. */
  readonly engines: RoundEngines;
  readonly uploadIdleMilliseconds: number;
  /** The identity log of the task's population; null where identities are not registered. */
  readonly identityLog: PopulationLog | null;
  readonly events: TaskEvents;
}

export interface TaskState {
  readonly record: TaskRecord;
  readonly recommender: Recommender;
  /** Where steps take so long that they have a thread; the runner closes it. */
  readonly stepThread: StepThread | null;
  readonly version: ModelVersion;
  readonly parameters: Float32Array;
  readonly optimizerState: OptimizerState;
  /** Of the next round; as the last closed one left it, where it follows the devices' norms. */
  readonly clipNorm: number | null;
  readonly ledger: Ledger | null;
  readonly itemCount: number;
  readonly catalogueBytes: number;
}

export interface TaskRunner {
  readonly id: string;
  readonly running: boolean;
  readonly version: ModelVersion;
  readonly summary: TaskSummary;
  view(): RoundView | null;
  /** Begins to open rounds. */
  start(): void;
  connected(device: Device): void;
  disconnected(device: Device): void;
  /** A request of a connected device. @throws RefusalError */
  handle<N extends RequestName>(device: Device, name: N, content: Content<N>): Promise<Answer<N>>;
  /** Puts another version in force (import, rollback): the open round is abandoned, and rounds go on from the new version. */
  replaceVersion(
    publish: () => Promise<{ readonly version: ModelVersion; readonly parameters: Float32Array }>,
  ): Promise<ModelVersion>;
  /** Ends the task for good. */
  stop(status: Exclude<TaskStatus, 'running'>, reason: string): Promise<void>;
  /** Abandons the round and waits for what runs, without ending the task: it goes on at the next start. */
  close(): Promise<void>;
}

/** What a device is told of the task when its session opens. */
export function summaryOf({ record, itemCount, catalogueBytes }: TaskState): TaskSummary {
  const { document, catalogueHash } = record;
  const { federated, negatives } = document.evaluation;
  const { noise } = document.privacy;
  const plan = noisePlanOf(document);
  return {
    task: document.task,
    population: document.population,
    itemCount,
    catalogueHash,
    catalogueBytes,
    model: document.model,
    training: document.training,
    privacyPlan: document.privacy.plan,
    noise:
      plan && noise
        ? {
            placement: plan.placement,
            budget: noise.budget,
            delta: noise.delta,
            participations: noise.participations ?? null,
          }
        : null,
    evaluation: { federated, negatives },
  };
}

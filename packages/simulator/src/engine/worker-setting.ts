/** What every worker thread is given once, at its start, and the messages after that. */
import type { LocalPlan } from '@tributary/client/training';
import type { QualitySums, RecommenderSpecification, Split, SplitPurpose } from '@tributary/model';
import type { MaskSeed } from '@tributary/privacy';
import type { RoundDescriptor, RoundDescriptorFields } from '@tributary/protocol';
import type { KnownOfItems } from './build-recommender.ts';
import type { Dishonesty } from './options.ts';

export interface WorkerSetting {
  readonly specification: RecommenderSpecification;
  /** What devices of this model know of items; encodings in shared memory. */
  readonly known: KnownOfItems;
  readonly plan: LocalPlan;
  readonly sections: RoundDescriptor['sections'];
  readonly seed: number;
  readonly evaluateOn: SplitPurpose;
  readonly dishonest: ReadonlyMap<number, Dishonesty>;
  /** In shared memory, as all arrays here. */
  readonly split: Split;
  /** The current version of the shared parameters; written only while no thread works. */
  readonly parameters: Float32Array;
  /** Partial sums [places][contribution + evaluation + weight], one for each piece of work in flight. */
  readonly places: readonly Float32Array[];
}

export interface TrainTask {
  /** Counts the contents of `parameters`. */
  readonly version: number;
  readonly round: number;
  readonly users: Uint32Array;
  readonly place: number;
}

/** A chunk of a secure round whose integers are summed without masks. */
export interface EncodeTask extends TrainTask {
  readonly descriptor: RoundDescriptorFields;
}

/** One device of a secure round. */
export interface MaskTask {
  readonly version: number;
  readonly descriptor: RoundDescriptorFields;
  readonly user: number;
  readonly masks: readonly MaskSeed[];
}

export interface MaskOutcome extends TrainOutcome {
  /** Packed, as it is uploaded. */
  readonly vector: Uint8Array;
}

/** What is left of a chunk beside its partial sum. */
export interface TrainOutcome {
  readonly lossSum: number;
  readonly clipped: number;
}

export type ScoredModel =
  | { readonly kind: 'parameters'; readonly version: number }
  | { readonly kind: 'popularity' }
  | { readonly kind: 'random' };

export interface RankTask {
  readonly model: ScoredModel;
  readonly from: number;
  readonly to: number;
}
export type RankOutcome = QualitySums;

export interface CentralTask {
  readonly passes: number;
}

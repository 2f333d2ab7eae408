/** What a simulation is told: the same task document that a coordinator would serve, and the people it is simulated on. */
import type { Dataset, ItemEncodings, LocalContribution, QualityReport, Split, SplitPurpose } from '@tributary/model';
import type { RoundDescriptorFields, TaskDocument } from '@tributary/protocol';

export interface SimulateOptions {
  readonly task: TaskDocument;
  readonly dataset: Dataset;
  readonly split: Split;
  /** Of the data set's items, in their order: for models that see texts. */
  readonly encodings?: ItemEncodings | undefined;
  /** Hybrids with an adapter: folder of the text encoder that it is of, null (default) for the built-in one. */
  readonly encoderFolder?: string | null;
  /** Seed of the first model, cohorts, dropouts, local training and noise; integer in [0, 2^32). Default: the task's. */
  readonly seed?: number;
  /** Worker threads, >= 1. Default: the processor's parallelism, at most 16. The result does not depend on it. */
  readonly workers?: number;
  /**
   * Which held-out item the model is judged by; hyper-parameters and rounds are chosen on `validation` alone, which needs a
   * split made for it, whose training data leave the validation item out too. Default: the split's purpose.
   */
  readonly evaluateOn?: SplitPurpose;
  /** Rank all users after every n-th round (default 1); 0: after the last one only. */
  readonly evaluateEvery?: number;
  /**
   * Under the plan `secure`: whether the protocol is run with all its cryptography (default), or its integers alone are summed, which
   * gives the same models for a fraction of the work.
   */
  readonly cryptography?: boolean;
  /** Share of invited devices that vanish before their upload, in [0, 1). Default 0. */
  readonly dropoutRate?: number;
  /**
   * The same loss trained with all data in one place, for comparison: on (default, with 15 passes over the data), off, or a
   * number of passes (alternating sweeps of `implicit-als`, epochs of SGD).
   */
  readonly centralTwin?: boolean | { readonly passes: number };
  /** Devices that do not contribute what they trained, by user: for audits and attacks. */
  readonly dishonest?: ReadonlyMap<number, Dishonesty>;
  readonly onProgress?: (progress: SimulationProgress) => void;
  /** Called with every release, before the next round; what it keeps is its own. */
  readonly onRelease?: (release: SimulatedRelease) => void;
  /** Aborting rejects the simulation with the signal's reason; its threads end. */
  readonly signal?: AbortSignal;
}

/**
 * What a device contributes instead: a vector of its own, or its training times a factor, and of that one item's rows alone where one
 * is named. It is clipped, encoded and given its share of noise as any other: the device lies about what it trained, and keeps to
 * the round's rules.
 */
export type Dishonesty =
  | { readonly kind: 'crafted'; readonly contribution: LocalContribution }
  | { readonly kind: 'scaled'; readonly factor: number; readonly item?: number };

/** What one closed round lets out, for those who look at it as an adversary would. */
export interface SimulatedRelease {
  readonly descriptor: RoundDescriptorFields;
  /** Users in the sum, in rising order. A coordinator knows them; a reader of models does not. */
  readonly contributors: Uint32Array;
  /** [contribution | evaluation | weight] as the step took it: with the plan's noise, whoever added it. */
  readonly sum: Float32Array;
  /** The shared parameters that devices trained on, and those that came of it. */
  readonly before: Float32Array;
  readonly after: Float32Array;
}

/** What a progress bar shows. `done` of `total` are clients trained or users ranked. */
export type SimulationProgress =
  | { readonly kind: 'baselines' | 'central'; readonly done: number; readonly total: number }
  | {
      readonly kind: 'training' | 'evaluation';
      readonly round: number;
      readonly rounds: number;
      readonly done: number;
      readonly total: number;
    }
  | {
      readonly kind: 'round';
      readonly round: number;
      readonly rounds: number;
      readonly outcome: 'closed' | 'abandoned';
      readonly quality: QualityReport | null;
    };

/** A simulation was asked for something that makes no sense; the message says what, and what was expected. */
export class SimulationError extends Error {
  override readonly name = 'SimulationError';
}

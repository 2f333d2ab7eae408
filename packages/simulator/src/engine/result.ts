/** What a simulation gives back. */
import type { PrivacyClaim } from '@tributary/coordinator/release';
import type { QualityReport, SplitPurpose } from '@tributary/model';
import type { LedgerEntry } from '@tributary/privacy';
import type { TaskDocument } from '@tributary/protocol';
import type { SecureFigures } from './aggregate.ts';
import type { DeviceRoundBytes } from './device-round-bytes.ts';

/** Means over the devices that evaluated in a round, as the round's sum tells them; each in [0, 1]. */
export interface FederatedEvaluation {
  /** Devices that evaluated; noisy under a private plan. */
  readonly devices: number;
  readonly sampledHr10: number;
  readonly sampledNdcg10: number;
  readonly fullHr10: number;
  readonly fullNdcg10: number;
}

export interface RoundRecord {
  readonly round: number;
  readonly outcome: 'closed' | 'abandoned';
  /** Why it was abandoned; empty when it closed. */
  readonly reason: string;
  readonly invited: number;
  /** Invited devices that vanished. */
  readonly dropped: number;
  /** Contributions in the released sum. */
  readonly contributions: number;
  /** Mean training loss of the contributions, in the recommender's own loss. Seen by the simulator only. */
  readonly loss: number | null;
  /** Share of the contributions that the clip norm shortened; null without a clip norm. Seen by the simulator only. */
  readonly clipped: number | null;
  /**
   * Norm of the contributions' sum, before noise, over contributions times clip norm: what `privacy.secure.alignment` has to bound;
   * null without a clip norm. Without noise a coordinator can compute it too.
   */
  readonly alignment: number | null;
  /** Of a secure round's sum and graph; null under the plan `sealed`. */
  readonly secure: SecureFigures | null;
  /** Epsilon charged to the population so far; null where the plan makes no claim. */
  readonly epsilon: number | null;
  /** What the devices' own evaluation of the model before the round says; null where the task has none. */
  readonly federatedEvaluation: FederatedEvaluation | null;
  /** Of the model after the round; null where it was not evaluated. */
  readonly quality: QualityReport | null;
  /** Wall-clock seconds of training and of ranking. */
  readonly seconds: { readonly training: number; readonly evaluation: number };
}

export interface PrivacySpend {
  readonly plan: TaskDocument['privacy']['plan'];
  /** null: the plan adds no noise and makes no claim. */
  readonly epsilon: number | null;
  readonly delta: number | null;
  /** The assumptions under which the claims hold, in words. */
  readonly assumption: string;
  /** Against readers of the models, and against the coordinator. */
  readonly claims: readonly [PrivacyClaim, PrivacyClaim];
  /** Under the plan `secure`: whether its cryptography was run, or its integers alone were summed. */
  readonly cryptography?: boolean;
  /** Devices of the last closed round's roster, out-neighbours of each, and shares that open a secret. */
  readonly cohort?: number;
  readonly neighbours?: number;
  readonly threshold?: number;
  /** Width of a coordinate, and steps of its integer for a unit of the rotated contribution. */
  readonly bits?: number;
  readonly scale?: number;
  /** How near sums came to wrapping around, in [0, 1]; the largest over rounds. */
  readonly fill?: number;
  /** Largest over rounds of the records' `alignment`, under any plan; missing without a clip norm. */
  readonly alignment?: number;
}

export interface SimulationResult {
  readonly data: {
    readonly name: string;
    readonly users: number;
    readonly items: number;
    readonly interactions: number;
  };
  readonly task: TaskDocument;
  readonly seed: number;
  readonly evaluatedOn: SplitPurpose;
  readonly split: string;
  readonly workers: number;
  readonly rounds: readonly RoundRecord[];
  /** Why the simulation ended before the task's last round (a refused charge); null when it did not. */
  readonly stopped: string | null;
  /** The last version of the shared parameters. */
  readonly parameters: Float32Array;
  readonly quality: {
    readonly random: QualityReport;
    readonly popularity: QualityReport;
    readonly federated: QualityReport;
    readonly central: QualityReport | null;
  };
  readonly bytes: DeviceRoundBytes;
  readonly privacy: PrivacySpend;
  /** The population's ledger; empty under a plan without noise. Signed by a key out of the seed. */
  readonly ledger: readonly LedgerEntry[];
  readonly seconds: number;
}

/** From a round's sum to the next version, by the coordinator's own private step, over a ledger in memory. */
import { ledgerOf, memoryLedgerPort } from '@tributary/coordinator/ledger';
import { createServerOptimizer } from '@tributary/coordinator/optimizer';
import { privateStep, roundNoiseOf, type SumOpening } from '@tributary/coordinator/release';
import type { Recommender } from '@tributary/model';
import {
  bytesToHex,
  createIdentity,
  type Identity,
  type LedgerEntry,
  seededResearchRandom,
  sha256,
} from '@tributary/privacy';
import { type RoundDescriptorFields, roundHash, type TaskDocument } from '@tributary/protocol';
import type { PrivacySpend } from './result.ts';

export type ReleaseOutcome =
  | {
      readonly kind: 'released';
      readonly parameters: Float32Array;
      /** Opened, with its noise: [contribution | evaluation | weight]. */
      readonly sum: Float32Array;
    }
  | { readonly kind: 'refused' | 'failed'; readonly reason: string };

export interface Releases {
  /** Signs rosters and the ledger. */
  readonly coordinator: Identity;
  /**
   * @param sum [contribution | evaluation | weight], which becomes the noisy sum under a plan with noise; or what opens a masked
   *   sum, called after the charge
   * @param contributions devices in it
   */
  release(
    descriptor: RoundDescriptorFields,
    shared: Float32Array,
    sum: Float32Array | SumOpening,
    contributions: number,
  ): Promise<ReleaseOutcome>;
  /** What the population has been charged so far. */
  spend(): Promise<PrivacySpend>;
  /** The population's ledger; empty under a plan without noise. */
  entries(): Promise<readonly LedgerEntry[]>;
}

/** Keys and noise come from the seed: reproducible, and worth nothing outside a simulation. */
export async function startReleases(task: TaskDocument, recommender: Recommender, seed: number): Promise<Releases> {
  const { plan } = task.privacy;
  const random = seededResearchRandom(seed);
  const coordinator = createIdentity(random);
  const port = memoryLedgerPort();
  const ledger = await ledgerOf(port, coordinator, task, Date.now);
  const optimizer = createServerOptimizer(task.optimizer);
  let state = optimizer.initialState;

  return {
    coordinator,
    async release(descriptor, shared, sum, contributions) {
      const { round, modelVersion, sections } = descriptor;
      const subject = { task: task.task, round, modelVersion, roundHash: roundHash(descriptor) };
      const step = await privateStep({
        document: task,
        ledger,
        subject,
        random,
        recommender,
        optimizer,
        optimizerState: state,
        shared,
        sections,
        sum,
        noise: roundNoiseOf(task, descriptor, null),
        tree: null,
        contributions,
      });
      if (step.kind !== 'stepped') return step;
      state = step.optimizerState;
      await ledger?.released(subject, hashOf(step.parameters));
      return { kind: 'released', parameters: step.parameters, sum: step.sum };
    },
    async spend() {
      if (!ledger) return { plan, epsilon: null, delta: null, assumption: noClaimOf(task) };
      const { epsilon, delta } = await ledger.spend();
      return { plan, epsilon, delta, assumption: assumptionOf(task) };
    },
    entries: () => (ledger ? port.entries(task.population) : Promise.resolve([])),
  };
}

function noClaimOf({ privacy, cohort }: TaskDocument): string {
  return privacy.plan === 'secure'
    ? `No noise is added: the coordinator sees sums of at least ${cohort.minimum} contributions, never a single one. No (epsilon, delta) is claimed.`
    : 'No noise is added: contributions are sealed to the coordinator, which sees them. Nothing is claimed.';
}

function assumptionOf({ privacy, cohort }: TaskDocument): string {
  const seen =
    privacy.plan === 'secure'
      ? `the coordinator sees exact sums of at least ${cohort.minimum} contributions.`
      : 'the coordinator sees single contributions.';
  return (
    'User-level, add or remove one person; no sampling is assumed: everybody is charged for every round as if present. ' +
    `Valid for readers of the models; ${seen}`
  );
}

/** The name of a version: the hash of its parameters. */
export function hashOf(parameters: Float32Array): string {
  return bytesToHex(sha256(new Uint8Array(parameters.buffer, parameters.byteOffset, parameters.byteLength)));
}

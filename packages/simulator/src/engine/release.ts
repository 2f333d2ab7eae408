/** From a round's sum to the next version, by the coordinator's own private step, over a ledger in memory. */
import { ledgerOf, memoryLedgerPort } from '@tributary/coordinator/ledger';
import { createServerOptimizer } from '@tributary/coordinator/optimizer';
import {
  claimsOf,
  clipNormAfter,
  countParticipations,
  type NoiseTree,
  privateStep,
  roundNoiseOf,
  type SumOpening,
  treeOfRound,
} from '@tributary/coordinator/release';
import type { Recommender } from '@tributary/model';
import {
  bytesToHex,
  createIdentity,
  type Identity,
  type LedgerEntry,
  seededResearchRandom,
  sha256,
} from '@tributary/privacy';
import { type RoundDescriptorFields, roundHash, type TaskDocument, treeLeavesOf } from '@tributary/protocol';
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
  /** What the next round has beside its task's document, and who may not take part in it any more, for what is claimed. */
  next(round: number): {
    readonly clipNorm: number | null;
    readonly treeFirstRound: number | null;
    readonly isExhausted: (user: number) => boolean;
  };
  /**
   * @param sum [contribution | evaluation | weight], which becomes the noisy sum under a plan with noise; or what opens a masked
   *   sum, called after the charge
   * @param contributors users in it
   */
  release(
    descriptor: RoundDescriptorFields,
    shared: Float32Array,
    sum: Float32Array | SumOpening,
    contributors: Uint32Array,
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
  let { clipNorm } = task.privacy;
  const leaves = treeLeavesOf(task);
  const participations = countParticipations(task);
  let tree: NoiseTree | null = null;
  /** Of honest devices, where devices add the noise. */
  let noises: number | null = null;

  return {
    coordinator,
    next(round) {
      if (leaves !== null) tree = treeOfRound(tree, round, leaves);
      const members = tree?.members;
      return {
        clipNorm,
        treeFirstRound: tree?.firstRound ?? null,
        isExhausted: (user) => members?.has(String(user)) === true || participations.isExhausted(String(user)),
      };
    },
    async release(descriptor, shared, sum, contributors) {
      const { round, modelVersion, sections, secure } = descriptor;
      noises = secure?.noise?.noises ?? null;
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
        noise: roundNoiseOf(task, descriptor, tree?.leaf ?? null),
        tree,
        contributions: contributors.length,
        contributors: Array.from(contributors, String),
      });
      if (step.kind !== 'refused') participations.charged(Array.from(contributors, String));
      if (step.kind !== 'stepped') return step;
      state = step.optimizerState;
      clipNorm = clipNormAfter(task, descriptor, step.sum);
      await ledger?.released(subject, hashOf(step.parameters));
      return { kind: 'released', parameters: step.parameters, sum: step.sum };
    },
    async spend() {
      const spent = ledger ? await ledger.spend() : null;
      const claims = claimsOf(task, spent, noises);
      const assumption = claims.map(({ against, assumption }) => `Against ${who[against]}: ${assumption}`).join(' ');
      return { plan, epsilon: spent?.epsilon ?? null, delta: spent?.delta ?? null, assumption, claims };
    },
    entries: () => (ledger ? port.entries(task.population) : Promise.resolve([])),
  };
}

const who = { readers: 'readers of the models', coordinator: 'the coordinator' } as const;

/** The name of a version: the hash of its parameters. */
export function hashOf(parameters: Float32Array): string {
  return bytesToHex(sha256(new Uint8Array(parameters.buffer, parameters.byteOffset, parameters.byteLength)));
}

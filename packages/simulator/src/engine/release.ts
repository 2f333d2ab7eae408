/** From a round's sum to the next version, by the coordinator's own private step, over a ledger in memory. */
import { type Ledger, memoryLedgerPort, openLedger } from '@tributary/coordinator/ledger';
import { createServerOptimizer } from '@tributary/coordinator/optimizer';
import { privateStep } from '@tributary/coordinator/release';
import type { Recommender } from '@tributary/model';
import { bytesToHex, createIdentity, type LedgerEntry, seededResearchRandom, sha256 } from '@tributary/privacy';
import { type RoundDescriptor, roundHash, type TaskDocument } from '@tributary/protocol';
import { descriptorOf } from './descriptor.ts';
import type { PrivacySpend } from './result.ts';

export type ReleaseOutcome =
  | { readonly kind: 'released'; readonly parameters: Float32Array }
  | { readonly kind: 'refused' | 'failed'; readonly reason: string };

export interface Releases {
  /**
   * @param sum [contribution | evaluation | weight]; becomes the noisy sum under a plan with noise
   * @param contributions devices in it
   */
  release(round: number, shared: Float32Array, sum: Float32Array, contributions: number): Promise<ReleaseOutcome>;
  /** What the population has been charged so far. */
  spend(): Promise<PrivacySpend>;
  /** The population's ledger; empty under a plan without noise. */
  entries(): Promise<readonly LedgerEntry[]>;
}

/** Keys and noise come from the seed: reproducible, and worth nothing outside a simulation. */
export async function startReleases(
  task: TaskDocument,
  recommender: Recommender,
  sections: RoundDescriptor['sections'],
  seed: number,
): Promise<Releases> {
  const { noise, plan } = task.privacy;
  const random = seededResearchRandom(seed);
  const port = memoryLedgerPort();
  const ledger: Ledger | null = noise
    ? await openLedger({
        port,
        population: task.population,
        budget: noise.budget,
        delta: noise.delta,
        signer: createIdentity(random),
        now: Date.now,
      })
    : null;
  const optimizer = createServerOptimizer(task.optimizer);
  let state = optimizer.initialState;

  return {
    async release(round, shared, sum, contributions) {
      const modelVersion = hashOf(shared);
      const descriptor = descriptorOf(task, sections, round, { model: modelVersion, recommender });
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
        contributions,
      });
      if (step.kind !== 'stepped') return step;
      state = step.optimizerState;
      await ledger?.released(subject, hashOf(step.parameters));
      return { kind: 'released', parameters: step.parameters };
    },
    async spend() {
      if (!ledger) return { plan, epsilon: null, delta: null, assumption: noClaim };
      const { epsilon, delta } = await ledger.spend();
      return { plan, epsilon, delta, assumption };
    },
    entries: () => (ledger ? port.entries(task.population) : Promise.resolve([])),
  };
}

const noClaim = 'No noise is added: contributions are sealed to the coordinator, which sees them. Nothing is claimed.';
const assumption =
  'User-level, add or remove one person; no sampling is assumed: everybody is charged for every round as if present. ' +
  'Valid for readers of the models; the coordinator sees single contributions.';

function hashOf(parameters: Float32Array): string {
  return bytesToHex(sha256(new Uint8Array(parameters.buffer, parameters.byteOffset, parameters.byteLength)));
}

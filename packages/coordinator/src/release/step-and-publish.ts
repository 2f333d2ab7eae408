/** From a complete sum to a published version: a private step, then one transaction with version, ledger entry and round. */
import type { Recommender } from '@tributary/model';
import {
  bytesToHex,
  type Identity,
  type LedgerEntry,
  type LedgerSubject,
  type SecureRandom,
  sha256,
} from '@tributary/privacy';
import { evaluationMetrics, type ModelVersion, type RoundDescriptor, type TaskDocument } from '@tributary/protocol';
import type { Ledger, LedgerSpend } from '../ledger/ledger.ts';
import type { OptimizerState, ServerOptimizer } from '../optimizer/optimizer.ts';
import { signVersion } from '../registry/version.ts';
import { bytesOfFloats } from '../store/blobs.ts';
import type { Publication, RoundRecord, Store } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import { privateStep } from './charge-noise-step.ts';

/** How often a publication is tried whose ledger another task of the population is writing. */
const publishAttempts = 16;

export interface ReleaseInput {
  readonly store: Store;
  readonly ledger: Ledger | null;
  readonly identity: Identity;
  readonly random: SecureRandom;
  readonly now: () => number;
  readonly document: TaskDocument;
  readonly recommender: Recommender;
  readonly optimizer: ServerOptimizer;
  readonly optimizerState: OptimizerState;
  readonly shared: Float32Array;
  readonly version: ModelVersion;
  readonly descriptor: RoundDescriptor;
  readonly roundHash: string;
  /** [contribution | evaluation | weight]; changed: it becomes the noisy sum. */
  readonly sum: Float32Array;
  readonly round: RoundRecord;
}

export type ReleaseOutcome =
  | {
      readonly kind: 'released';
      readonly version: ModelVersion;
      readonly parameters: Float32Array;
      readonly optimizerState: OptimizerState;
      readonly round: RoundRecord;
      readonly spend: LedgerSpend | null;
    }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

/** @throws LedgerError, StoreError when a write fails: nothing is published then, and a charge stays */
export async function release(input: ReleaseInput): Promise<ReleaseOutcome> {
  const { store, ledger, identity, now, document, recommender, descriptor, sum } = input;
  const { sections } = descriptor;
  const subject: LedgerSubject = {
    task: document.task,
    round: descriptor.round,
    modelVersion: input.version.hash,
    roundHash: input.roundHash,
  };
  const step = await privateStep({ ...input, subject, sections, contributions: input.round.contributions });
  if (step.kind !== 'stepped') return step;
  const { parameters, optimizerState, spend } = step;

  const version = signVersion(
    {
      task: document.task,
      round: descriptor.round,
      parent: input.version.hash,
      layoutHash: recommender.layout.hash,
      parametersHash: bytesToHex(sha256(bytesOfFloats(parameters))),
      parameterBytes: parameters.byteLength,
      catalogueHash: input.version.catalogueHash,
      epsilon: spend ? spend.epsilon : null,
      delta: spend ? spend.delta : null,
    },
    identity,
  );
  const round: RoundRecord = {
    ...input.round,
    outcome: 'closed',
    endedAt: now(),
    version: version.hash,
    metrics: sections.evaluation > 0 ? evaluationMeans(sum, descriptor, document) : null,
  };
  await publishOnHead(
    store,
    { task: document.task, version, origin: 'round', parameters, optimizerState, createdAt: now(), round },
    spend && ledger ? () => ledger.releasedEntry(subject, version.hash) : null,
  );
  return { kind: 'released', version, parameters, optimizerState, round, spend };
}

/** Other tasks of the population may write the ledger at the same time: the entry is made anew on their head then. */
async function publishOnHead(
  store: Store,
  publication: Omit<Publication, 'ledgerEntry'>,
  releasedEntry: (() => Promise<LedgerEntry>) | null,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await store.publish({ ...publication, ledgerEntry: releasedEntry ? await releasedEntry() : null });
    } catch (error) {
      const conflict = error instanceof StoreError && error.code === 'conflict';
      if (!conflict || !releasedEntry || attempt === publishAttempts) throw error;
      // The conflict was about the version, and not about the ledger.
      const record = await store.task(publication.task);
      if (record?.currentVersion !== publication.version.parent) throw error;
    }
  }
}

/** Means of the devices' own metrics over the devices that evaluated, from the sum alone. */
export function evaluationMeans(
  sum: Float32Array,
  { sections, clipNorm, evaluationScale, noiseMultiplier }: RoundDescriptor,
  { cohort }: Pick<TaskDocument, 'cohort'>,
): Record<string, number> {
  const scale = clipNorm === null ? 1 : evaluationScale * clipNorm;
  const values = evaluationMetrics.map((_, i) => sum[sections.contribution + i] / scale);
  const devices = noiseMultiplier === null ? values[0] : cohort.target;
  const means = evaluationMetrics.slice(1).map((name, i) => [name, devices > 0 ? values[i + 1] / devices : 0] as const);
  return Object.fromEntries(means);
}

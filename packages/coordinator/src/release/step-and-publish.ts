/** From a complete sum to a published version: a private step, then one transaction with version, ledger entry and round. */
import type { Identity, LedgerEntry, LedgerSubject } from '@tributary/privacy';
import type { ModelVersion, RoundDescriptor } from '@tributary/protocol';
import type { LedgerSpend } from '../ledger/ledger.ts';
import type { OptimizerState } from '../optimizer/optimizer.ts';
import { parametersHash, signVersion } from '../registry/version.ts';
import type { Publication, RoundRecord, Store } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import { type ChargeInput, type PrivateStep, type PrivateStepInput, privateStep } from './charge-noise-step.ts';
import { evaluationMeans } from './evaluation-means.ts';
import { clipNormAfter } from './next-clip-norm.ts';
import { roundNoiseOf } from './round-noise.ts';

/** How often a publication is tried whose ledger another task of the population is writing. */
const publishAttempts = 16;

/** A round whose sum is complete. */
export interface ReleasedRound extends Omit<ChargeInput, 'subject' | 'contributions' | 'noise'> {
  readonly version: ModelVersion;
  readonly descriptor: RoundDescriptor;
  readonly roundHash: string;
  readonly round: RoundRecord;
}

export interface ReleaseInput
  extends ReleasedRound,
    Omit<PrivateStepInput, keyof ReleasedRound | 'subject' | 'sections' | 'contributions' | 'noise'> {
  readonly store: Store;
  readonly identity: Identity;
  readonly now: () => number;
  /** What added the sum up, once it is open. */
  readonly engine: () => RoundRecord['engine'];
}

export type ReleaseOutcome =
  | {
      readonly kind: 'released';
      readonly version: ModelVersion;
      readonly parameters: Float32Array;
      readonly optimizerState: OptimizerState;
      readonly round: RoundRecord;
      readonly spend: LedgerSpend | null;
      /** Of the next round. */
      readonly clipNorm: number | null;
    }
  | Exclude<PrivateStep, { readonly kind: 'stepped' }>;

/** @throws LedgerError, StoreError when a write fails: nothing is published then, and a charge stays */
export async function release(input: ReleaseInput): Promise<ReleaseOutcome> {
  const { store, ledger, identity, now, document, recommender, descriptor } = input;
  const { sections } = descriptor;
  const subject = subjectOf(input);
  const step = await privateStep({ ...input, ...chargeOf(input), sections });
  if (step.kind !== 'stepped') return step;
  const { parameters, optimizerState, sum, spend } = step;

  const clipNorm = clipNormAfter(document, descriptor, sum);
  const version = signVersion(
    {
      task: document.task,
      round: descriptor.round,
      parent: input.version.hash,
      layoutHash: recommender.layout.hash,
      parametersHash: parametersHash(parameters),
      parameterBytes: parameters.byteLength,
      catalogueHash: input.version.catalogueHash,
      epsilon: spend ? spend.epsilon : null,
      delta: spend ? spend.delta : null,
    },
    identity,
  );
  const round: RoundRecord = {
    ...input.round,
    engine: input.engine(),
    outcome: 'closed',
    endedAt: now(),
    version: version.hash,
    metrics: metricsOf(sum, descriptor, document, clipNorm),
  };
  await publishOnHead(
    store,
    { task: document.task, version, origin: 'round', parameters, optimizerState, createdAt: now(), round },
    spend && ledger ? () => ledger.releasedEntry(subject, version.hash) : null,
  );
  return { kind: 'released', version, parameters, optimizerState, round, spend, clipNorm };
}

export function subjectOf({ document, descriptor, version, roundHash }: Omit<ReleasedRound, 'round'>): LedgerSubject {
  return { task: document.task, round: descriptor.round, modelVersion: version.hash, roundHash };
}

/** What a complete sum is charged for. */
export function chargeOf(released: ReleasedRound): ChargeInput {
  const { document, descriptor, tree, round } = released;
  const noise = roundNoiseOf(document, descriptor, tree?.leaf ?? null);
  return { ...released, subject: subjectOf(released), noise, contributions: round.contributions };
}

/** Public: the devices' means, and a clip norm that follows their norms, as the next round will have it. */
function metricsOf(
  sum: Float32Array,
  descriptor: RoundDescriptor,
  document: ReleaseInput['document'],
  clipNorm: number | null,
): RoundRecord['metrics'] {
  const evaluated = descriptor.sections.evaluation > 0 ? evaluationMeans(sum, descriptor, document).means : null;
  if (!document.privacy.noise?.adaptiveClip || clipNorm === null) return evaluated;
  return { ...evaluated, clipNorm };
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

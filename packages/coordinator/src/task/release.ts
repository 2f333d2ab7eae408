/**
 * From a complete sum to a published version. The order is the privacy ledger's law: compute the event, charge it durably (or
 * refuse), and only then add noise, step, write and publish.
 */
import type { Recommender } from '@tributary/model';
import {
  addGaussianNoise,
  bytesToHex,
  type Identity,
  type LedgerSubject,
  type SecureRandom,
  sha256,
} from '@tributary/privacy';
import { evaluationMetrics, type ModelVersion, type RoundDescriptor, type TaskDocument } from '@tributary/protocol';
import type { Ledger, LedgerSpend } from '../ledger/ledger.ts';
import type { OptimizerState, ServerOptimizer } from '../optimizer/optimizer.ts';
import { signVersion } from '../registry/version.ts';
import { bytesOfFloats } from '../store/blobs.ts';
import type { RoundRecord, Store } from '../store/store.ts';

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

export async function release(input: ReleaseInput): Promise<ReleaseOutcome> {
  const { store, ledger, identity, random, now, document, recommender, descriptor, sum } = input;
  const subject: LedgerSubject = {
    task: document.task,
    round: descriptor.round,
    modelVersion: input.version.hash,
    roundHash: input.roundHash,
  };
  const { contribution, evaluation } = descriptor.sections;
  const { noise, clipNorm } = document.privacy;
  let spend: LedgerSpend | null = null;

  if (noise && ledger && clipNorm !== null) {
    const charge = await ledger.charge(subject, {
      mechanism: 'gaussian',
      noiseMultiplier: noise.noiseMultiplier,
      sensitivity: clipNorm,
      // Who takes part is who is there: no sampling is claimed, everybody is charged.
      sampling: { claim: 'none' },
      steps: 1,
      roundedCount: 10 * Math.round(input.round.contributions / 10),
      minimumCount: document.cohort.minimum,
    });
    if (charge.kind === 'refused') {
      return {
        kind: 'refused',
        reason: `the release would bring epsilon to ${charge.epsilonAfter.toFixed(3)}; the population's budget is ${charge.spend.budget}`,
      };
    }
    spend = charge.spend;
    addGaussianNoise(sum, noise.noiseMultiplier * clipNorm, random, 0, contribution + evaluation);
  }

  const step = takeStep(input);
  if (!step) {
    if (spend && ledger) await ledger.abandoned(subject, 'the step was not finite');
    return { kind: 'failed', reason: 'the step was not finite: lower the learning rate or raise the regularisation' };
  }

  const version = signVersion(
    {
      task: document.task,
      round: descriptor.round,
      parent: input.version.hash,
      layoutHash: recommender.layout.hash,
      parametersHash: bytesToHex(sha256(bytesOfFloats(step.parameters))),
      parameterBytes: step.parameters.byteLength,
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
    metrics: evaluation > 0 ? evaluationMeans(sum, descriptor, document) : null,
  };
  await store.publish({
    task: document.task,
    version,
    origin: 'round',
    parameters: step.parameters,
    optimizerState: step.state,
    createdAt: now(),
    round,
    ledgerEntry: spend && ledger ? await ledger.releasedEntry(subject, version.hash) : null,
  });
  return { kind: 'released', version, parameters: step.parameters, optimizerState: step.state, round, spend };
}

/** The next parameters; null when they would not be finite. */
function takeStep({ recommender, optimizer, optimizerState, shared, sum, descriptor, document }: ReleaseInput) {
  const { contribution, evaluation } = descriptor.sections;
  // Under noise the denominator is a constant, never the realised count.
  const denominator = document.privacy.noise ? document.cohort.target : sum[contribution + evaluation];
  const direction = recommender.direction(shared, { sum: sum.subarray(0, contribution), denominator });
  const step = optimizer.step(shared, direction, optimizerState);
  return step.parameters.every(Number.isFinite) ? step : null;
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

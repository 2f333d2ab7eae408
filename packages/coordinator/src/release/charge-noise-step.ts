/**
 * From a complete sum to the next parameters, in the order that is the privacy ledger's law: compute the event, charge it
 * durably or refuse, and only then open the sum, add noise and step. The coordinator and the simulator both go this way. Of a masked
 * sum the charge is made before devices reveal the shares that open it: from then on it may have been seen.
 */
import type { Recommender, RoundSum } from '@tributary/model';
import { addGaussianNoise, type LedgerSubject, type SecureRandom } from '@tributary/privacy';
import type { RoundDescriptor, TaskDocument } from '@tributary/protocol';
import { type Ledger, LedgerError, type LedgerSpend } from '../ledger/ledger.ts';
import type { OptimizerState, ServerOptimizer } from '../optimizer/optimizer.ts';
import type { IntegerNoise } from '../round/read-secure-sum.ts';
import { OpeningError } from './opening-error.ts';
import type { RoundNoise } from './round-noise.ts';
import type { NoiseTree } from './tree-of-rounds.ts';

/** Opens a masked sum. */
export type SumOpening = (noise: IntegerNoise | null) => Promise<Float32Array>;

/** What a release is charged to, and for. */
export interface ChargeInput {
  readonly document: TaskDocument;
  /** Null where the task spends nothing. */
  readonly ledger: Ledger | null;
  readonly subject: LedgerSubject;
  /** Null where the task adds none. */
  readonly noise: RoundNoise | null;
  /** The tree that the noise is of; null where it is of none. */
  readonly tree: NoiseTree | null;
  /** Contributions in the sum. */
  readonly contributions: number;
  /** Whose they are; only a tree keeps them. */
  readonly contributors?: Iterable<string>;
}

export type ReleaseCharge =
  | { readonly kind: 'charged'; readonly spend: LedgerSpend }
  /** The task adds no noise, and claims nothing. */
  | { readonly kind: 'none' }
  /** The budget does not allow the release; nothing of the sum may be used. */
  | { readonly kind: 'refused'; readonly reason: string };

export interface PrivateStepInput extends ChargeInput {
  /** Where it was made beforehand; made here unless given. */
  readonly charge?: Exclude<ReleaseCharge, { readonly kind: 'refused' }>;
  readonly random: SecureRandom;
  readonly recommender: Recommender;
  /** Where steps are taken elsewhere: as the recommender's. */
  readonly direction?: (shared: Float32Array, round: RoundSum) => Promise<Float32Array>;
  readonly optimizer: ServerOptimizer;
  readonly optimizerState: OptimizerState;
  /** [layout.size] */
  readonly shared: Float32Array;
  readonly sections: RoundDescriptor['sections'];
  /**
   * [contribution | evaluation | weight]; changed: it becomes the noisy sum. Of a masked sum, what opens it: called after the
   * charge, once, with the noise that it adds to its integers.
   */
  readonly sum: Float32Array | SumOpening;
}

export type PrivateStep =
  | {
      readonly kind: 'stepped';
      readonly parameters: Float32Array;
      readonly optimizerState: OptimizerState;
      /** Opened, with its noise. */
      readonly sum: Float32Array;
      /** After the charge; null where nothing was charged. */
      readonly spend: LedgerSpend | null;
    }
  /** The budget does not allow the release; nothing of the sum was used. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Charged, if at all, and not to be published. */
  | { readonly kind: 'failed'; readonly reason: string };

/** @throws LedgerError, StoreError when the charge cannot be written: nothing of the sum may be used then */
export async function chargeRelease(input: ChargeInput): Promise<ReleaseCharge> {
  const { document, ledger, subject, noise, tree, contributions, contributors = [] } = input;
  if (!noise) return { kind: 'none' };
  // The ledger's opening promises it; without, nothing may be released.
  if (!ledger) throw new LedgerError('A plan with noise needs a ledger.');
  const charge = await ledger.charge(subject, {
    event: noise.event,
    sensitivity: noise.sensitivity,
    roundedCount: 10 * Math.round(contributions / 10),
    minimumCount: document.cohort.minimum,
  });
  if (charge.kind === 'refused') {
    const after = charge.epsilonAfter.toFixed(3);
    return {
      kind: 'refused',
      reason: `the release would bring epsilon to ${after}; the population's budget is ${charge.spend.budget}`,
    };
  }
  // The leaf is spent, whatever becomes of the release.
  tree?.charged(contributors);
  return { kind: 'charged', spend: charge.spend };
}

/**
 * @throws LedgerError, StoreError when the charge cannot be written: nothing of the sum was used then; what opens the sum may
 *   throw besides an OpeningError, which is an outcome
 */
export async function privateStep(input: PrivateStepInput): Promise<PrivateStep> {
  const { document, ledger, subject, random, recommender, optimizer, shared, sections, noise, tree } = input;
  const charge = input.charge ?? (await chargeRelease(input));
  if (charge.kind === 'refused') return charge;
  const spend = charge.kind === 'charged' ? charge.spend : null;
  if (noise && !spend) throw new LedgerError('A release with noise needs its charge.');

  const failed = async (reason: string): Promise<PrivateStep> => {
    if (spend && ledger) await ledger.abandoned(subject, reason.slice(0, 300));
    return { kind: 'failed', reason };
  };
  let sum: Float32Array;
  try {
    sum = await openedSum(input);
  } catch (error) {
    const outcome = await failed(error instanceof OpeningError ? error.message : 'the sum could not be opened');
    if (error instanceof OpeningError) return outcome;
    throw error;
  }
  // Of the cohort's target, which is public: the count of a round is not.
  const standardDeviation = noise ? noise.standardDeviation(document.cohort.target) : 0;
  if (noise?.addedBy === 'step') {
    const tally = sections.contribution + sections.evaluation;
    const noisy = sum.subarray(0, tally);
    if (tree) tree.addTo(noisy, standardDeviation, random);
    else addGaussianNoise(noisy, standardDeviation, random);
    if (noise.indicatorStandardDeviation !== null) {
      addGaussianNoise(sum.subarray(tally, tally + 1), noise.indicatorStandardDeviation, random);
    }
  }

  // Under noise the denominator is a constant, never the realised count.
  const denominator = noise ? document.cohort.target : sum[sections.contribution + sections.evaluation];
  const round = {
    sum: sum.subarray(0, sections.contribution),
    denominator,
    noiseStandardDeviation: standardDeviation,
  };
  const direction = input.direction ? await input.direction(shared, round) : recommender.direction(shared, round);
  const step = optimizer.step(shared, direction, input.optimizerState);
  if (!step.parameters.every(Number.isFinite)) {
    return failed('the step was not finite: lower the learning rate or raise the regularisation');
  }
  return { kind: 'stepped', parameters: step.parameters, optimizerState: step.state, sum, spend };
}

async function openedSum({ sum, noise, random, contributions }: PrivateStepInput): Promise<Float32Array> {
  if (typeof sum !== 'function') {
    if (noise && noise.addedBy !== 'step') throw new TypeError('Noise on integers needs a sum of integers.');
    return sum;
  }
  if (noise?.addedBy !== 'opening') return sum(null);
  const { indicatorStandardDeviation } = noise;
  return sum({ standardDeviation: noise.standardDeviation(contributions), indicatorStandardDeviation, random });
}

/**
 * From a complete sum to the next parameters, in the order that is the privacy ledger's law: compute the event, charge it
 * durably or refuse, and only then open the sum, add noise and step. The coordinator and the simulator both go this way.
 */
import type { Recommender } from '@tributary/model';
import { addGaussianNoise, type LedgerSubject, type SecureRandom } from '@tributary/privacy';
import type { RoundDescriptor, TaskDocument } from '@tributary/protocol';
import { type Ledger, LedgerError, type LedgerSpend } from '../ledger/ledger.ts';
import type { OptimizerState, ServerOptimizer } from '../optimizer/optimizer.ts';
import { OpeningError } from './opening-error.ts';

export interface PrivateStepInput {
  readonly document: TaskDocument;
  /** Null where the task spends nothing. */
  readonly ledger: Ledger | null;
  readonly subject: LedgerSubject;
  readonly random: SecureRandom;
  readonly recommender: Recommender;
  readonly optimizer: ServerOptimizer;
  readonly optimizerState: OptimizerState;
  /** [layout.size] */
  readonly shared: Float32Array;
  readonly sections: RoundDescriptor['sections'];
  /**
   * [contribution | evaluation | weight]; changed: it becomes the noisy sum. Of a masked sum, what opens it: called after the
   * charge, once.
   */
  readonly sum: Float32Array | (() => Promise<Float32Array>);
  /**
   * How far one device moves contribution and evaluation of the sum at most, in L2: what is charged, and what noise is scaled by.
   * The clip norm, unless given; integers may take it a little further (`secureSensitivity`).
   */
  readonly sensitivity?: number | undefined;
  /** Contributions in it. */
  readonly contributions: number;
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

/**
 * @throws LedgerError, StoreError when the charge cannot be written: nothing of the sum was used then; what opens the sum may
 *   throw besides an OpeningError, which is an outcome
 */
export async function privateStep(input: PrivateStepInput): Promise<PrivateStep> {
  const { document, ledger, subject, random, recommender, optimizer, shared, sections } = input;
  const { noise, clipNorm } = document.privacy;
  let spend: LedgerSpend | null = null;
  let noiseStandardDeviation = 0;

  if (noise) {
    // The document's check and the ledger's opening promise both; without either, nothing may be released.
    if (!ledger || clipNorm === null) throw new LedgerError('A plan with noise needs a ledger and a clip norm.');
    // The clip norm is what the check of an opened contribution admits.
    const { sensitivity = clipNorm } = input;
    const charge = await ledger.charge(subject, {
      event: {
        mechanism: 'gaussian',
        noiseMultiplier: noise.noiseMultiplier,
        // Who takes part is who is there: no sampling is claimed, everybody is charged.
        sampling: { claim: 'none' },
        steps: 1,
      },
      sensitivity,
      roundedCount: 10 * Math.round(input.contributions / 10),
      minimumCount: document.cohort.minimum,
    });
    if (charge.kind === 'refused') {
      const after = charge.epsilonAfter.toFixed(3);
      return {
        kind: 'refused',
        reason: `the release would bring epsilon to ${after}; the population's budget is ${charge.spend.budget}`,
      };
    }
    spend = charge.spend;
    noiseStandardDeviation = noise.noiseMultiplier * sensitivity;
  }

  const failed = async (reason: string): Promise<PrivateStep> => {
    if (spend && ledger) await ledger.abandoned(subject, reason.slice(0, 300));
    return { kind: 'failed', reason };
  };
  let sum: Float32Array;
  try {
    sum = typeof input.sum === 'function' ? await input.sum() : input.sum;
  } catch (error) {
    const outcome = await failed(error instanceof OpeningError ? error.message : 'the sum could not be opened');
    if (error instanceof OpeningError) return outcome;
    throw error;
  }
  if (noise) addGaussianNoise(sum, noiseStandardDeviation, random, 0, sections.contribution + sections.evaluation);

  // Under noise the denominator is a constant, never the realised count.
  const denominator = noise ? document.cohort.target : sum[sections.contribution + sections.evaluation];
  const direction = recommender.direction(shared, {
    sum: sum.subarray(0, sections.contribution),
    denominator,
    noiseStandardDeviation,
  });
  const step = optimizer.step(shared, direction, input.optimizerState);
  if (!step.parameters.every(Number.isFinite)) {
    return failed('the step was not finite: lower the learning rate or raise the regularisation');
  }
  return { kind: 'stepped', parameters: step.parameters, optimizerState: step.state, sum, spend };
}

/** Where noise is added and of which kind, where a task leaves it open. */
import { isSecondOrder } from './second-order.ts';
import type { PrivacyDocument, TaskDocument } from './task-document.ts';

export type NoiseDocument = NonNullable<PrivacyDocument['noise']>;
export type NoisePlacement = NonNullable<NoiseDocument['placement']>;
export type NoiseMechanism = NonNullable<NoiseDocument['mechanism']>;

export interface NoisePlan {
  readonly placement: NoisePlacement;
  readonly mechanism: NoiseMechanism;
}

type Planned = {
  readonly privacy: Pick<PrivacyDocument, 'plan' | 'noise'>;
  readonly model: Pick<TaskDocument['model'], 'kind'>;
};

/** Mechanisms that a placement has in a plan. */
export function mechanismsOf(placement: NoisePlacement, plan: PrivacyDocument['plan']): readonly NoiseMechanism[] {
  if (placement !== 'central') return ['discrete-gaussian', 'skellam'];
  // A sealed sum is one of float32: there is no grid for discrete noise.
  return plan === 'secure' ? ['discrete-gaussian', 'gaussian', 'tree'] : ['gaussian', 'tree'];
}

/**
 * The plan `secure` adds noise on the devices unless it is told otherwise: then not even the coordinator sees an exact sum. What is
 * of real numbers, or claims sampling, is central by itself. Central noise of a model that takes many small steps is a tree's, with
 * every person in one step of it; `implicit-als` takes few large ones with everybody, for which independent noise is the better.
 *
 * @returns null without noise
 */
export function noisePlanOf({ privacy: { plan, noise }, model }: Planned): NoisePlan | null {
  if (!noise) return null;
  const sampled = noise.sampling.claim !== 'none';
  const ofRealNumbers = noise.mechanism === 'gaussian' || noise.mechanism === 'tree';
  const placement = noise.placement ?? (plan !== 'secure' || sampled || ofRealNumbers ? 'central' : 'distributed');
  if (noise.mechanism) return { placement, mechanism: noise.mechanism };
  if (placement !== 'central') return { placement, mechanism: 'discrete-gaussian' };
  if (sampled) return { placement, mechanism: 'gaussian' };
  if (!isSecondOrder(model)) return { placement, mechanism: 'tree' };
  return { placement, mechanism: plan === 'secure' ? 'discrete-gaussian' : 'gaussian' };
}

/** Rounds of one tree of noise; null where the noise is of none. */
export function treeLeavesOf(task: Planned & Pick<TaskDocument, 'rounds'>): number | null {
  return noisePlanOf(task)?.mechanism === 'tree' ? (task.privacy.noise?.leaves ?? task.rounds) : null;
}

/** A noise multiplier that was written down or calibrated. @throws TypeError where neither has been done */
export function noiseMultiplierOf({ noiseMultiplier }: Pick<NoiseDocument, 'noiseMultiplier'>): number {
  if (noiseMultiplier === undefined) throw new TypeError('The noise multiplier has not been calibrated yet.');
  return noiseMultiplier;
}

/** Adds up what mechanisms spent, by RDP, and says which epsilon that is at a delta. */
import { defaultOrders, epsilonFromRdp, rdpSubsampledGaussian } from './rdp.ts';

/** What is assumed of who takes part. */
export type SamplingAssumption =
  /** Nothing: every user is charged for every step as if present. */
  | { readonly claim: 'none' }
  /** Each user takes part with probability `rate`, independently, unobserved by the adversary. */
  | { readonly claim: 'poisson'; readonly rate: number };

export interface MechanismEvent {
  readonly mechanism: 'gaussian';
  /** Standard deviation of the noise over the L2 sensitivity of the sum to one user, add or remove. */
  readonly noiseMultiplier: number;
  readonly sampling: SamplingAssumption;
  readonly steps: number;
}

/** RDP of all events together at each order. */
export function composeRdp(events: readonly MechanismEvent[], orders: readonly number[] = defaultOrders): number[] {
  const total = orders.map(() => 0);
  const curves = new Map<string, number[]>();
  for (const { noiseMultiplier, sampling, steps } of events) {
    const rate = sampling.claim === 'poisson' ? sampling.rate : 1;
    const key = `${rate} ${noiseMultiplier}`;
    let curve = curves.get(key);
    if (!curve) {
      curve = orders.map((order) => rdpSubsampledGaussian(order, rate, noiseMultiplier));
      curves.set(key, curve);
    }
    for (let i = 0; i < total.length; i++) total[i] += steps * curve[i];
  }
  return total;
}

/** Epsilon of all events together at `delta`; 0 for none. */
export function composeEpsilon(events: readonly MechanismEvent[], delta: number): number {
  return events.length === 0 ? 0 : epsilonFromRdp(composeRdp(events), defaultOrders, delta);
}

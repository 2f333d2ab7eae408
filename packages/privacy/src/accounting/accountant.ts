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
  /** Releases of this kind, at least 1. */
  readonly steps: number;
}

/** A running total of events. Adding is cheap for a mechanism that was seen before. */
export interface Accountant {
  /** @throws RangeError on an event that no claim can be made for */
  add(event: MechanismEvent): void;
  /** Epsilon of all events so far, and of `next` if given, at `delta` in (0, 1); 0 for none. @throws RangeError */
  epsilon(delta: number, next?: MechanismEvent): number;
}

/** What keeps an event from being accounted for, as the end of a sentence; null when nothing does. */
export function eventProblem({ mechanism, noiseMultiplier, sampling, steps }: MechanismEvent): string | null {
  if (mechanism !== 'gaussian') return 'names a mechanism that is not known here';
  if (!(noiseMultiplier > 0 && noiseMultiplier < Number.POSITIVE_INFINITY)) {
    return `has the noise multiplier ${noiseMultiplier}; expected a positive number`;
  }
  if (!Number.isSafeInteger(steps) || steps < 1) return `has ${steps} steps; expected at least 1`;
  switch (sampling.claim) {
    case 'none':
      return null;
    case 'poisson':
      return sampling.rate > 0 && sampling.rate <= 1
        ? null
        : `has the sampling rate ${sampling.rate}; expected above 0 and at most 1`;
    default:
      return 'claims a sampling that is not known here';
  }
}

export function createAccountant(orders: readonly number[] = defaultOrders): Accountant {
  const total = orders.map(() => 0);
  const curves = new Map<string, readonly number[]>();
  let events = 0;
  const curveOf = (event: MechanismEvent): readonly number[] => {
    const problem = eventProblem(event);
    if (problem !== null) throw new RangeError(`The event ${problem}.`);
    const { noiseMultiplier, sampling } = event;
    const rate = sampling.claim === 'poisson' ? sampling.rate : 1;
    const key = `${rate} ${noiseMultiplier}`;
    const known = curves.get(key);
    if (known) return known;
    const curve = orders.map((order) => rdpSubsampledGaussian(order, rate, noiseMultiplier));
    curves.set(key, curve);
    return curve;
  };
  return {
    add(event) {
      const curve = curveOf(event);
      for (let i = 0; i < total.length; i++) total[i] += event.steps * curve[i];
      events += 1;
    },
    epsilon(delta, next) {
      if (!next) return events === 0 ? 0 : epsilonFromRdp(total, orders, delta);
      const curve = curveOf(next);
      const rdp = total.map((value, i) => value + next.steps * curve[i]);
      return epsilonFromRdp(rdp, orders, delta);
    },
  };
}

/** Epsilon of all events together at `delta` in (0, 1); 0 for none. @throws RangeError as `Accountant` */
export function composeEpsilon(events: readonly MechanismEvent[], delta: number): number {
  const accountant = createAccountant();
  for (const event of events) accountant.add(event);
  return accountant.epsilon(delta);
}

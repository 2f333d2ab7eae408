/** Adds up what mechanisms spent, by RDP, and says which epsilon that is at a delta. */
import { eventProblem, type MechanismEvent } from './event.ts';
import { defaultOrders, epsilonFromRdp, rdpSubsampledGaussian } from './rdp.ts';

/** A running total of events. Adding is cheap for a mechanism that was seen before. */
export interface Accountant {
  /** @throws RangeError on an event that no claim can be made for */
  add(event: MechanismEvent): void;
  /** Epsilon of all events so far, and of `next` if given, at `delta` in (0, 1); 0 for none. @throws RangeError */
  epsilon(delta: number, next?: MechanismEvent): number;
}

/** The events that the accountant adds up. */
type AddedEvent = Extract<MechanismEvent, { readonly mechanism: 'gaussian' }>;

/** What keeps an event from being added up, as the end of a sentence; null when nothing does. Never throws. */
export function accountingProblem(event: MechanismEvent): string | null {
  const problem = eventProblem(event);
  if (problem !== null) return problem;
  if (event.mechanism !== 'gaussian') return `is of the mechanism ${event.mechanism}, which is not added up here`;
  // Its relation is to replace one user: as a Gaussian without sampling it would be charged too little.
  if (event.sampling.claim === 'fixed-size') return 'claims sampling of a fixed size, which is not added up here';
  return null;
}

export function createAccountant(orders: readonly number[] = defaultOrders): Accountant {
  const total = orders.map(() => 0);
  const curves = new Map<string, readonly number[]>();
  let events = 0;
  const curveOf = (event: MechanismEvent): readonly number[] => {
    const problem = accountingProblem(event);
    if (problem !== null) throw new RangeError(`The event ${problem}.`);
    const { noiseMultiplier, sampling } = event as AddedEvent;
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

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

export function createAccountant(orders: readonly number[] = defaultOrders): Accountant {
  const total = orders.map(() => 0);
  const curves = new Map<string, readonly number[]>();
  let events = 0;
  const curveOf = (event: MechanismEvent): readonly number[] => {
    const problem = eventProblem(event);
    if (problem !== null) throw new RangeError(`The event ${problem}.`);
    if (event.mechanism !== 'gaussian') throw new RangeError(`No account of ${event.mechanism} yet.`);
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

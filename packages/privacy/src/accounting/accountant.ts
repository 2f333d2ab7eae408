/** Adds up what mechanisms spent, and says which epsilon that is at a delta. */
import { type AccountantKind, eventProblem, type MechanismEvent, type NeighbourRelation, relationOf } from './event.ts';
import { createPldTotal, defaultInterval } from './pld-total.ts';
import { createRdpTotal } from './rdp-total.ts';

/** A running total of events. Adding is cheap for a mechanism that was seen before. */
export interface Accountant {
  /** @throws RangeError on an event that no claim can be made for */
  add(event: MechanismEvent): void;
  /** Epsilon of all events so far, and of `next` if given, at `delta` in (0, 1); 0 for none. @throws RangeError */
  epsilon(delta: number, next?: MechanismEvent): number;
}

/** What keeps an event from being added up, as the end of a sentence; null when nothing does. Never throws. */
export const accountingProblem = eventProblem;

/**
 * `rdp`: curves over orders (Mironov 2017), converted by Canonne, Kamath, Steinke 2020, proposition 12. `pld`: privacy loss
 * distributions of Gaussian noise without sampling, with Poisson sampling, and of trees. An event of another kind (a cohort of fixed
 * size, noise on integers) has no distribution here and brings the whole total to RDP: a sum of both would need delta in two parts.
 * The answer is the smaller of the two where both are known, as both are bounds.
 *
 * Relations: cohorts of fixed size are of replacing one person, all other events of adding or removing one. A total holds events of
 * one relation.
 * @param interval of privacy losses, for `pld`: a coarser one is quicker and gives a larger epsilon
 */
export function createAccountant(kind: AccountantKind = 'rdp', interval = defaultInterval): Accountant {
  const rdp = createRdpTotal();
  const pld = kind === 'pld' ? createPldTotal(interval) : null;
  let relation: NeighbourRelation | null = null;
  const check = (event: MechanismEvent): NeighbourRelation => {
    const problem = accountingProblem(event);
    if (problem !== null) throw new RangeError(`The event ${problem}.`);
    const own = relationOf(event);
    if (relation !== null && own !== relation) {
      throw new RangeError(
        'The event is of replacing one person and others are of adding or removing one, or the other way round: their epsilons do not add up.',
      );
    }
    return own;
  };
  return {
    add(event) {
      relation = check(event);
      rdp.add(event);
      pld?.add(event);
    },
    epsilon(delta, next) {
      if (!(delta > 0 && delta < 1)) throw new RangeError(`delta is ${delta}; expected above 0 and below 1.`);
      if (next) check(next);
      else if (relation === null) return 0;
      const loose = rdp.epsilon(delta, next);
      const tight = pld?.epsilon(delta, next) ?? null;
      return tight === null ? loose : Math.min(loose, tight);
    },
  };
}

/** Epsilon of all events together at `delta` in (0, 1); 0 for none. @throws RangeError as `Accountant` */
export function composeEpsilon(events: readonly MechanismEvent[], delta: number, kind: AccountantKind = 'rdp'): number {
  const accountant = createAccountant(kind);
  for (const event of events) accountant.add(event);
  return accountant.epsilon(delta);
}

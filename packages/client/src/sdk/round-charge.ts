import type { Conditions } from '../conditions/conditions.ts';
import type { Emit } from './events.ts';

/** Adds to what is told of a round the charge of the battery at that moment, where it is known and going down. */
export function withCharge(emit: Emit, conditions: Pick<Conditions, 'charge'>): Emit {
  return (name, event) => {
    const { charge } = conditions;
    emit(name, name === 'round' && charge !== null ? { ...event, charge } : event);
  };
}

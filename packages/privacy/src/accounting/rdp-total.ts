/** The sum of events as a curve over orders. */
import type { MechanismEvent } from './event.ts';
import { eventRdp } from './event-rdp.ts';
import { defaultOrders, epsilonFromRdp } from './rdp.ts';

export interface EventTotal<Answer> {
  add(event: MechanismEvent): void;
  /** @param delta in (0, 1) */
  epsilon(delta: number, next?: MechanismEvent): Answer;
}

export function createRdpTotal(orders: readonly number[] = defaultOrders): EventTotal<number> {
  const total = orders.map(() => 0);
  /** Of one step of those mechanisms whose curves take time. */
  const curves = new Map<string, readonly number[]>();
  const curveOf = (event: MechanismEvent): readonly number[] => {
    const isSampled = event.mechanism === 'gaussian' && event.sampling.claim !== 'none';
    if (!isSampled && event.mechanism !== 'distributed-discrete-gaussian') {
      return orders.map((order) => eventRdp(event, order));
    }
    const one = { ...event, steps: 1 };
    const key = JSON.stringify(one);
    const known = curves.get(key) ?? orders.map((order) => eventRdp(one, order));
    curves.set(key, known);
    return known.map((value) => event.steps * value);
  };
  return {
    add(event) {
      curveOf(event).forEach((value, i) => {
        total[i] += value;
      });
    },
    epsilon(delta, next) {
      const more = next ? curveOf(next) : null;
      const rdp = total.map((value, i) => value + (more ? more[i] : 0));
      return rdp.every((value) => value === 0) ? 0 : epsilonFromRdp(rdp, orders, delta);
    },
  };
}

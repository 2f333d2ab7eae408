/** The sum of events as a curve over orders. */
import { costliest } from './costliest.ts';
import { type MechanismEvent, participationOf } from './event.ts';
import { eventRdp } from './event-rdp.ts';
import { defaultOrders, epsilonFromRdp } from './rdp.ts';

export interface EventTotal<Answer> {
  add(event: MechanismEvent): void;
  /** @param delta in (0, 1) */
  epsilon(delta: number, next?: MechanismEvent): Answer;
}

/** Releases of a task in which one person is so many times at most: curves of one step, each with how many steps there are of it. */
interface Capped {
  readonly most: number;
  readonly curves: ReadonlyMap<string, { readonly curve: readonly number[]; readonly steps: number }>;
}
type CappedByTask = ReadonlyMap<string, Capped>;

export function createRdpTotal(orders: readonly number[] = defaultOrders): EventTotal<number> {
  const total = orders.map(() => 0);
  let capped: CappedByTask = new Map();
  /** Of one step of those mechanisms whose curves take time. */
  const curves = new Map<string, readonly number[]>();
  const curveOf = (event: MechanismEvent): readonly number[] => {
    const isSampled = event.mechanism === 'gaussian' && event.sampling.claim !== 'none';
    if (!isSampled && event.mechanism !== 'distributed-discrete-gaussian') {
      return orders.map((order) => eventRdp(event, order));
    }
    const one = oneStepOf(event);
    const key = JSON.stringify(one);
    const known = curves.get(key) ?? orders.map((order) => eventRdp(one, order));
    curves.set(key, known);
    return known.map((value) => event.steps * value);
  };
  const cappedWith = (event: MechanismEvent): CappedByTask => {
    const cap = participationOf(event);
    if (!cap) return capped;
    const one = oneStepOf(event);
    const [group, key] = [JSON.stringify([cap.task, cap.most]), JSON.stringify(one)];
    const before = capped.get(group)?.curves ?? new Map();
    const steps = (before.get(key)?.steps ?? 0) + event.steps;
    const curve = before.get(key)?.curve ?? curveOf(one);
    return new Map(capped).set(group, { most: cap.most, curves: new Map(before).set(key, { curve, steps }) });
  };
  return {
    add(event) {
      capped = cappedWith(event);
      if (participationOf(event)) return;
      curveOf(event).forEach((value, i) => {
        total[i] += value;
      });
    },
    epsilon(delta, next) {
      const more = next && !participationOf(next) ? curveOf(next) : null;
      const groups = [...(next ? cappedWith(next) : capped).values()];
      const rdp = total.map((value, i) => {
        const ofGroups = groups.reduce((sum, group) => sum + costliestAt(group, i), 0);
        return value + (more ? more[i] : 0) + ofGroups;
      });
      return rdp.every((value) => value === 0) ? 0 : epsilonFromRdp(rdp, orders, delta);
    },
  };
}

/**
 * At each order by itself: the divergence of any choice of releases, made along the way too, is at most the sum of as many of the
 * largest (Feldman, Zrnic 2021).
 */
function costliestAt({ most, curves }: Capped, order: number): number {
  return costliest(
    [...curves.values()].map(({ curve, steps }) => ({ cost: curve[order], count: steps })),
    most,
  );
}

/** Of whose releases there is no cap any more. */
function oneStepOf(event: MechanismEvent): MechanismEvent {
  if (event.mechanism === 'tree') return { ...event, steps: 1 };
  const { participation: _, ...rest } = event;
  return { ...rest, steps: 1 };
}

/** The sum of events as a privacy loss distribution. */
import { gaussianEpsilon } from './analytic-gaussian.ts';
import {
  composeLosses,
  epsilonOfLoss,
  planSum,
  type RepeatedLosses,
  type StepLosses,
  stepLosses,
} from './compose-losses.ts';
import { costliest } from './costliest.ts';
import type { MechanismEvent } from './event.ts';
import { chargedLeaves } from './event-rdp.ts';
import { lossRange, type SampledGaussian, sampledGaussianLosses } from './privacy-loss.ts';
import type { EventTotal } from './rdp-total.ts';

/**
 * Of losses; twice as wide as often as it takes for a sum to fit 2^21 cells. Wider cells give a larger epsilon, never a smaller: their
 * ends are among those of the narrower.
 */
export const defaultInterval = 1e-4;
const mostCells = 2 ** 21;
/** Losses that would need wider cells (epsilons of thousands) are left to RDP. */
const widestInterval = 1 / 64;

/** What the events so far are: Gaussian noise, sampled Gaussian noise by rate and multiplier, and whether there is anything else. */
interface Sum {
  /** Of one Gaussian for all without sampling, which compose exactly: mu^2 = sum of steps / z^2. */
  readonly squaredMu: number;
  /** Of releases of a task in which a person is so many times at most: counts by 1 / z^2. */
  readonly capped: ReadonlyMap<string, { readonly most: number; readonly counts: ReadonlyMap<number, number> }>;
  readonly sampled: ReadonlyMap<string, { readonly mechanism: SampledGaussian; readonly steps: number }>;
  readonly complete: boolean;
}

/** Its epsilon is null where an event has no distribution here. */
export function createPldTotal(finest = defaultInterval): EventTotal<number | null> {
  let sum: Sum = { squaredMu: 0, capped: new Map(), sampled: new Map(), complete: true };
  return {
    add(event) {
      sum = plus(sum, event);
    },
    epsilon(delta, next) {
      const all = next ? plus(sum, next) : sum;
      if (!all.complete) return null;
      const total = { squaredMu: wholeSquaredMu(all), sampled: all.sampled };
      if (total.sampled.size === 0) return gaussianEpsilon(delta, Math.sqrt(total.squaredMu));
      return sampledEpsilon(total, delta, finest);
    },
  };
}

/** Gaussians that are chosen along the way compose as if they had been chosen beforehand (Smith, Thakurta 2022). */
function wholeSquaredMu({ squaredMu, capped }: Sum): number {
  let whole = squaredMu;
  for (const { most, counts } of capped.values()) {
    whole += costliest(
      [...counts].map(([cost, count]) => ({ cost, count })),
      most,
    );
  }
  return whole;
}

type Composed = Pick<Sum, 'squaredMu' | 'sampled'>;

/** The larger one of removing and adding a person. */
function sampledEpsilon(total: Composed, delta: number, finest: number): number {
  const range = widest(total);
  for (let interval = finest; interval <= widestInterval; interval *= 2) {
    if (!(range <= mostCells * interval)) continue;
    const parts = partsAt(total, interval);
    const plans = { remove: planSum(parts, 'remove', delta), add: planSum(parts, 'add', delta) };
    if (!Object.values(plans).every(({ from, to }) => to - from <= mostCells * interval)) continue;
    const { remove, add } = composeLosses(parts, interval, plans, delta);
    return Math.max(epsilonOfLoss(remove, delta), epsilonOfLoss(add, delta));
  }
  return Number.POSITIVE_INFINITY;
}

function partsAt({ squaredMu, sampled }: Composed, interval: number): RepeatedLosses[] {
  const parts = [...sampled.values()].map(({ mechanism, steps }) => ({ step: stepOf(mechanism, interval), steps }));
  if (squaredMu > 0) {
    const plain = { noiseMultiplier: 1 / Math.sqrt(squaredMu), rate: 1 };
    parts.push({ step: stepLosses(sampledGaussianLosses(plain, interval)), steps: 1 });
  }
  return parts;
}

/** Steps of the last few mechanisms: a ledger asks for the same ones after every round. */
const lastSteps = new Map<string, StepLosses>();
const mostSteps = 8;

function stepOf(mechanism: SampledGaussian, interval: number): StepLosses {
  const key = `${mechanism.rate} ${mechanism.noiseMultiplier} ${interval}`;
  const step = lastSteps.get(key) ?? stepLosses(sampledGaussianLosses(mechanism, interval));
  lastSteps.delete(key);
  lastSteps.set(key, step);
  const [oldest] = lastSteps.keys();
  if (lastSteps.size > mostSteps && oldest !== undefined) lastSteps.delete(oldest);
  return step;
}

/** The widest range of losses of a single part. */
function widest({ squaredMu, sampled }: Composed): number {
  const ranges = [...sampled.values()].map(({ mechanism }) => lossRange(mechanism));
  if (squaredMu > 0) ranges.push(lossRange({ noiseMultiplier: 1 / Math.sqrt(squaredMu), rate: 1 }));
  return Math.max(...ranges.map(([least, most]) => most - least));
}

function plus(sum: Sum, event: MechanismEvent): Sum {
  if (event.mechanism === 'tree') {
    return { ...sum, squaredMu: sum.squaredMu + chargedLeaves(event) / event.noiseMultiplier ** 2 };
  }
  if (event.mechanism !== 'gaussian' || event.sampling.claim === 'fixed-size') return { ...sum, complete: false };
  const { noiseMultiplier, sampling, steps, participation } = event;
  if (participation) {
    const group = JSON.stringify([participation.task, participation.most]);
    const before = sum.capped.get(group)?.counts ?? new Map<number, number>();
    const cost = 1 / noiseMultiplier ** 2;
    const counts = new Map(before).set(cost, (before.get(cost) ?? 0) + steps);
    return { ...sum, capped: new Map(sum.capped).set(group, { most: participation.most, counts }) };
  }
  const rate = sampling.claim === 'poisson' ? sampling.rate : 1;
  if (rate === 1) return { ...sum, squaredMu: sum.squaredMu + steps / noiseMultiplier ** 2 };
  const key = `${rate} ${noiseMultiplier}`;
  const before = sum.sampled.get(key)?.steps ?? 0;
  const mechanism = { noiseMultiplier, rate };
  return { ...sum, sampled: new Map(sum.sampled).set(key, { mechanism, steps: before + steps }) };
}

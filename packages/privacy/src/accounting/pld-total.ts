/** The sum of events as a privacy loss distribution. */
import { gaussianEpsilon } from './analytic-gaussian.ts';
import { composeLosses, epsilonOfLoss, type RepeatedLoss, sumWindow } from './compose-losses.ts';
import type { MechanismEvent } from './event.ts';
import { chargedLeaves } from './event-rdp.ts';
import { lossRange, type PrivacyLoss, type SampledGaussian, sampledGaussianLoss } from './privacy-loss.ts';
import type { EventTotal } from './rdp-total.ts';

/** Of losses; twice as wide as often as it takes for a sum to fit 2^21 cells. Wider cells give a larger epsilon, never a smaller. */
export const defaultInterval = 1e-4;
const mostCells = 2 ** 21;

/** What the events so far are: Gaussian noise, sampled Gaussian noise by rate and multiplier, and whether there is anything else. */
interface Sum {
  /** Of one Gaussian for all without sampling, which compose exactly: mu^2 = sum of steps / z^2. */
  readonly squaredMu: number;
  readonly sampled: ReadonlyMap<string, { readonly mechanism: SampledGaussian; readonly steps: number }>;
  readonly complete: boolean;
}

/** Its epsilon is null where an event has no distribution here. */
export function createPldTotal(finest = defaultInterval): EventTotal<number | null> {
  let sum: Sum = { squaredMu: 0, sampled: new Map(), complete: true };
  const losses = new Map<string, PrivacyLoss>();
  const lossOf = (mechanism: SampledGaussian, relation: 'remove' | 'add', interval: number): PrivacyLoss => {
    const key = `${mechanism.rate} ${mechanism.noiseMultiplier} ${relation} ${interval}`;
    const loss = losses.get(key) ?? sampledGaussianLoss(mechanism, relation, interval);
    losses.set(key, loss);
    return loss;
  };
  const partsAt = ({ squaredMu, sampled }: Sum, relation: 'remove' | 'add', interval: number): RepeatedLoss[] => {
    const parts = [...sampled.values()].map(({ mechanism, steps }) => ({
      loss: lossOf(mechanism, relation, interval),
      steps,
    }));
    if (squaredMu > 0) {
      const plain = { noiseMultiplier: 1 / Math.sqrt(squaredMu), rate: 1 };
      parts.push({ loss: sampledGaussianLoss(plain, relation, interval), steps: 1 });
    }
    return parts;
  };
  const sampledEpsilon = (total: Sum, relation: 'remove' | 'add', delta: number): number => {
    let interval = finest;
    while (widest(total) > mostCells * interval) interval *= 2;
    for (;;) {
      const parts = partsAt(total, relation, interval);
      const window = sumWindow(parts);
      if (window.to - window.from <= mostCells * interval) {
        return epsilonOfLoss(composeLosses(parts, interval, window), delta);
      }
      interval *= 2;
    }
  };
  return {
    add(event) {
      sum = plus(sum, event);
    },
    epsilon(delta, next) {
      const total = next ? plus(sum, next) : sum;
      if (!total.complete) return null;
      if (total.sampled.size === 0) return gaussianEpsilon(delta, Math.sqrt(total.squaredMu));
      return Math.max(sampledEpsilon(total, 'remove', delta), sampledEpsilon(total, 'add', delta));
    },
  };
}

/** The widest range of losses of a single part. */
function widest({ squaredMu, sampled }: Sum): number {
  const ranges = [...sampled.values()].map(({ mechanism }) => lossRange(mechanism));
  if (squaredMu > 0) ranges.push(lossRange({ noiseMultiplier: 1 / Math.sqrt(squaredMu), rate: 1 }));
  return Math.max(...ranges.map(([least, most]) => most - least));
}

function plus(sum: Sum, event: MechanismEvent): Sum {
  if (event.mechanism === 'tree') {
    return { ...sum, squaredMu: sum.squaredMu + chargedLeaves(event) / event.noiseMultiplier ** 2 };
  }
  if (event.mechanism !== 'gaussian' || event.sampling.claim === 'fixed-size') return { ...sum, complete: false };
  const { noiseMultiplier, sampling, steps } = event;
  const rate = sampling.claim === 'poisson' ? sampling.rate : 1;
  if (rate === 1) return { ...sum, squaredMu: sum.squaredMu + steps / noiseMultiplier ** 2 };
  const key = `${rate} ${noiseMultiplier}`;
  const before = sum.sampled.get(key)?.steps ?? 0;
  const mechanism = { noiseMultiplier, rate };
  return { ...sum, sampled: new Map(sum.sampled).set(key, { mechanism, steps: before + steps }) };
}

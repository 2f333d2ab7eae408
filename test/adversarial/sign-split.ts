/**
 * The sign-split attack: local training on binary cross-entropy raises the bias of every item that the person has and lowers
 * that of every sampled negative, so that the sign of a row's bias tells the one from the other.
 */
import { type ParameterLayout, viewOf } from '@tributary/model';

/** Items by what they are and what the attack takes them for. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
}

/** Items that the attack takes for the person's own: those whose bias went up. */
export function signSplit(layout: ParameterLayout, delta: Float32Array): Set<number> {
  const biases = viewOf(layout, delta, 'item-biases');
  const taken = new Set<number>();
  for (let item = 0; item < biases.length; item++) if (biases[item] > 0) taken.add(item);
  return taken;
}

export function compare(taken: ReadonlySet<number>, own: ReadonlySet<number>, items: number): Confusion {
  const truePositives = [...taken].filter((item) => own.has(item)).length;
  const falsePositives = taken.size - truePositives;
  const falseNegatives = own.size - truePositives;
  return { truePositives, falsePositives, falseNegatives, trueNegatives: items - taken.size - falseNegatives };
}

export function pooled(parts: readonly Confusion[]): Confusion {
  const sum = (name: keyof Confusion) => parts.reduce((total, part) => total + part[name], 0);
  return {
    truePositives: sum('truePositives'),
    falsePositives: sum('falsePositives'),
    falseNegatives: sum('falseNegatives'),
    trueNegatives: sum('trueNegatives'),
  };
}

export function f1({ truePositives, falsePositives, falseNegatives }: Confusion): number {
  return (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives);
}

/**
 * How many standard deviations the share of own items among those taken lies above or below the share of others, if the attack
 * knew nothing (two-proportion z-test with the pooled variance).
 */
export function deviationFromChance(confusion: Confusion): number {
  const { truePositives, falsePositives, falseNegatives, trueNegatives } = confusion;
  const own = truePositives + falseNegatives;
  const others = falsePositives + trueNegatives;
  const share = (truePositives + falsePositives) / (own + others);
  const variance = share * (1 - share) * (1 / own + 1 / others);
  return (truePositives / own - falsePositives / others) / Math.sqrt(variance);
}

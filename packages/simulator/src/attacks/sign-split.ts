/**
 * The sign-split attack: local training on binary cross-entropy raises the bias of every item that the person has and lowers
 * that of every sampled negative, so that the sign of a row's bias tells the one from the other. An `implicit-als` contribution says
 * it outright: a count for each item of the person, and none for others.
 */
import { LayoutError, type ParameterLayout, viewOf } from '@tributary/model';

/** Items by what they are and what the attack takes them for. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
}

/**
 * What tells items apart in a contribution, or in a sum of them: [items], above zero for those that people have.
 * @throws LayoutError for a layout that has neither biases nor counts of items
 */
export function itemSigns(layout: ParameterLayout, contribution: Float32Array): Float32Array {
  const telling = layout.tensors.find(({ name }) => name === 'item-biases' || name === 'counts');
  if (telling) return viewOf(layout, contribution, telling.name);
  const names = layout.tensors.map(({ name }) => name).join(', ');
  throw new LayoutError(`Signs are split by item-biases or counts; the layout has ${names}.`);
}

/** Items that the attack takes for the person's own: those whose bias went up, or whose count is not zero. */
export function signSplit(layout: ParameterLayout, delta: Float32Array): Set<number> {
  const signs = itemSigns(layout, delta);
  const taken = new Set<number>();
  for (let item = 0; item < signs.length; item++) if (signs[item] > 0) taken.add(item);
  return taken;
}

/** Of the items looked at, as many of the highest as people have, by an adversary who knows how many those are. */
export function takeHighest(signs: Float32Array, looked: readonly number[], count: number): Set<number> {
  return new Set([...looked].sort((a, b) => signs[b] - signs[a]).slice(0, count));
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

/** F1 of an attack that knows nothing and takes as many items, at random: of its mean counts. */
export function f1AtChance({ truePositives, falsePositives, falseNegatives, trueNegatives }: Confusion): number {
  const own = truePositives + falseNegatives;
  const taken = truePositives + falsePositives;
  return (2 * own * taken) / (own + falsePositives + trueNegatives) / (own + taken);
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

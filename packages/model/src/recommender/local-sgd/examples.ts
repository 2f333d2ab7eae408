/** What a device trains on in one round: its interactions, sampled negatives, and the compact rows that they touch. */
import { sampleNegatives } from '../../data/negatives.ts';
import { shuffle } from '../../random/seeded.ts';
import type { TrainingRandom } from '../recommender.ts';
import type { LocalSgd } from '../specification.ts';
import type { Pass } from './backend.ts';

export interface LocalExamples {
  /** Distinct items in slot order: the interactions first, then the negatives in order of first draw. */
  readonly rows: Uint32Array;
  /** Row of each example; the interactions come first. */
  readonly slots: Uint32Array;
  readonly labels: Float32Array;
}

/** Items of a history, each once, in order of first occurrence. */
export function distinctItems(items: Uint32Array): Uint32Array {
  return Uint32Array.from(new Set(items));
}

/**
 * The distinct interactions, labelled 1, and `negativesPerPositive` draws for each of them, labelled 0, uniform with
 * replacement from all items but the interactions: a held-out item may be drawn like any other (leak-free). Where the history
 * covers the whole catalogue there are no negatives.
 *
 * @param positives distinct items
 */
export function drawExamples(
  positives: Uint32Array,
  itemCount: number,
  negativesPerPositive: number,
  random: TrainingRandom,
): LocalExamples {
  const negativeCount = positives.length < itemCount ? positives.length * negativesPerPositive : 0;
  const negatives = sampleNegatives(positives, itemCount, negativeCount, random);
  const slotOf = new Map<number, number>();
  const slots = new Uint32Array(positives.length + negativeCount);
  const labels = new Float32Array(slots.length).fill(1, 0, positives.length);
  for (let e = 0; e < slots.length; e++) {
    const item = e < positives.length ? positives[e] : negatives[e - positives.length];
    let slot = slotOf.get(item);
    if (slot === undefined) {
      slot = slotOf.size;
      slotOf.set(item, slot);
    }
    slots[e] = slot;
  }
  return { rows: Uint32Array.from(slotOf.keys()), slots, labels };
}

/** The examples in a fresh order. */
export function shuffledPass(examples: LocalExamples, moves: Pass['moves'], random: TrainingRandom): Pass {
  const order = shuffle(
    Uint32Array.from(examples.slots, (_, e) => e),
    random,
  );
  const slots = new Uint32Array(order.length);
  const labels = new Float32Array(order.length);
  for (let e = 0; e < order.length; e++) {
    slots[e] = examples.slots[order[e]];
    labels[e] = examples.labels[order[e]];
  }
  return { moves, slots, labels };
}

/** Federated reconstruction: the private vector alone first, then all (Singhal et al. 2021, algorithm 1). */
export function localPasses(examples: LocalExamples, local: LocalSgd, random: TrainingRandom): Pass[] {
  const passes: Pass[] = [];
  for (let pass = 0; pass < local.reconstructionEpochs + local.epochs; pass++) {
    passes.push(shuffledPass(examples, pass < local.reconstructionEpochs ? 'private' : 'all', random));
  }
  return passes;
}

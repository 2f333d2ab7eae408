/** What a device's history becomes before it is fitted or trained on. */
import type { History, TrainingRandom } from '../recommender.ts';
import type { HistoryWindows, RecencyWeighting } from '../specification.ts';

/** Distinct items, oldest first, each at its latest place. */
export function latestOccurrences({ items }: History): Uint32Array {
  const distinct = new Set<number>();
  for (let i = items.length - 1; i >= 0; i--) distinct.add(items[i]);
  return distinct.size === items.length ? items : Uint32Array.from(distinct).reverse();
}

/** Weights of n interactions, oldest first; age counted in interactions, 0 for the latest. */
export function recencyWeights(n: number, { floor, timeConstant, exponent }: RecencyWeighting): Float32Array {
  const decay =
    exponent === undefined
      ? (age: number) => Math.exp(-age / timeConstant)
      : (age: number) => (1 + age / timeConstant) ** -exponent;
  return Float32Array.from({ length: n }, (_, i) => floor + decay(n - 1 - i));
}

/** A uniform sample of at most `cap` places of n, rising. */
export function samplePlaces(n: number, cap: number, random: TrainingRandom): Uint32Array {
  const places = Uint32Array.from({ length: n }, (_, i) => i);
  if (n <= cap) return places;
  for (let i = 0; i < cap; i++) {
    const j = i + random.below(n - i);
    [places[i], places[j]] = [places[j], places[i]];
  }
  return places.slice(0, cap).sort();
}

/** Places from <= p < to of a history. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/**
 * Windows over n interactions, the newest first: every `stride` interactions one that ends there and reaches back `length`
 * (fewer at the old end). The first ends at the latest interaction. One window of everything where windows is null.
 */
export function windowsOver(n: number, windows: HistoryWindows | null): Window[] {
  if (windows === null || n <= windows.length) return [{ from: 0, to: n }];
  const all: Window[] = [];
  for (let to = n; to > 0; to -= windows.stride) {
    const from = Math.max(0, to - windows.length);
    all.push({ from, to });
    if (from === 0) break;
  }
  return all;
}

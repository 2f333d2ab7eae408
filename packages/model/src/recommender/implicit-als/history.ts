/** What a device's history becomes before it is fitted or trained on. */
import type { History, TrainingRandom } from '../recommender.ts';
import type { RecencyWeighting } from '../specification.ts';

/** Distinct items, oldest first, each at its latest place. @param itemCount the items are below it */
export function latestOccurrences({ items }: History, itemCount: number): Uint32Array {
  const seen = new Uint8Array(itemCount);
  let distinct = 0;
  for (let i = 0; i < items.length; i++) {
    distinct += 1 - seen[items[i]];
    seen[items[i]] = 1;
  }
  if (distinct === items.length) return items;
  const latest = new Uint32Array(distinct);
  for (let i = items.length - 1; i >= 0; i--) {
    if (seen[items[i]] === 0) continue;
    seen[items[i]] = 0;
    latest[--distinct] = items[i];
  }
  return latest;
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

/** Parts n interactions into the fewest windows of at most `length`, their lengths as equal as can be; null: one window. */
export function windowsOver(n: number, length: number | null): Window[] {
  const count = length === null ? 1 : Math.max(1, Math.ceil(n / length));
  return Array.from({ length: count }, (_, i) => ({
    from: Math.floor((i * n) / count),
    to: Math.floor(((i + 1) * n) / count),
  }));
}

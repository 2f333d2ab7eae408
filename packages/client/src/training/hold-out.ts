/** What a device trains on and, with federated evaluation, what it keeps aside to rank. */
import type { History } from '@tributary/model';

/** A device with fewer distinct interactions is trained on only (leave-last-one-out, as in the evaluation protocol). */
export const minimumInteractionsToEvaluate = 3;

export interface HeldOut {
  readonly train: History;
  /** The latest interaction, or null when nothing is held out. */
  readonly latest: number | null;
}

/** Distinct items in the order of their latest occurrence, oldest first. */
export function distinctLatest(items: Uint32Array): Uint32Array {
  const seen = new Set<number>();
  const distinct = new Uint32Array(items.length);
  let from = items.length;
  for (let i = items.length - 1; i >= 0; i--) {
    if (seen.has(items[i])) continue;
    seen.add(items[i]);
    distinct[--from] = items[i];
  }
  return from === 0 ? distinct : distinct.subarray(from);
}

/** Splits a history; repeats are merged first, so the held-out item never occurs in what is trained on. */
export function holdOutLatest(history: History, evaluate: boolean): HeldOut {
  const items = distinctLatest(history.items);
  const { ownText } = history;
  if (!evaluate || items.length < minimumInteractionsToEvaluate) return { train: { items, ownText }, latest: null };
  const last = items.length - 1;
  return { train: { items: items.subarray(0, last), ownText }, latest: items[last] };
}

/** Recommendations on the device, from the cached model; nothing is sent, so they work offline. */
import { bestUnseen, type History, type PrivateState } from '@tributary/model';
import { TributaryError } from '../errors/tributary-error.ts';
import type { PreparedModel } from './model-cache.ts';

export interface RecommendedItem {
  readonly id: string;
  readonly title: string;
  /** The model's score, higher is better; comparable within one list. */
  readonly score: number;
}

export interface Recommendations {
  /** Best first; fewer than asked for where the catalogue has no more. */
  readonly items: readonly RecommendedItem[];
  /** To be passed to `track` when the person follows one of them. Known to this device alone. */
  readonly recommendationId: string;
  /**
   * 'history': ranked for this person. 'none': there is no usable event yet. The model's own order for a person without
   * history is taken where it has one (item biases); else a random draw, since a device knows nobody's popularity.
   */
  readonly basis: 'history' | 'none';
}

export interface RecommendQuery {
  /** 1 to 1000; 10 by default. */
  readonly count?: number;
  /** Ids that are left out, besides the items of the person's own history. Unknown ids are passed over. */
  readonly exclude?: readonly string[];
}

/** @throws TributaryError 'invalid-option' */
export function checkQuery(query: RecommendQuery): { count: number; exclude: readonly string[] } {
  const { count = 10, exclude = [] } = query;
  if (!Number.isSafeInteger(count) || count < 1 || count > 1000) {
    throw new TributaryError('invalid-option', 'recommend() expects count to be a whole number from 1 to 1000.');
  }
  if (!Array.isArray(exclude)) {
    throw new TributaryError('invalid-option', 'recommend() expects exclude to be an array of item ids.');
  }
  return { count, exclude };
}

/** @param shuffled a random order of all items, asked for only where scores say nothing */
export function recommendItems(
  model: PreparedModel,
  state: PrivateState,
  history: History,
  query: { count: number; exclude: readonly string[] },
  shuffled: () => Uint32Array,
): readonly RecommendedItem[] {
  const { items, indexOf } = model.catalogue;
  const left = new Uint8Array(items.length);
  for (const index of history.items) left[index] = 1;
  for (const id of query.exclude) {
    const index = indexOf(id);
    if (index !== undefined) left[index] = 1;
  }
  const scores = model.bound.score(state);
  const top = new Uint32Array(Math.min(query.count, items.length));
  const count =
    history.items.length === 0 && isConstant(scores)
      ? firstOf(shuffled(), left, top)
      : bestUnseen(scores, left, top, new Float32Array(top.length));
  return Array.from(top.subarray(0, count), (index) => ({
    id: items[index].id,
    title: items[index].title,
    score: scores[index],
  }));
}

function isConstant(scores: Float32Array): boolean {
  return scores.every((score) => score === scores[0]);
}

function firstOf(order: Uint32Array, left: Uint8Array, top: Uint32Array): number {
  let count = 0;
  for (let i = 0; i < order.length && count < top.length; i++) if (left[order[i]] === 0) top[count++] = order[i];
  return count;
}

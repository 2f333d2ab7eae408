/** Recommendations on the device, from the cached model; nothing is sent, so they work offline. */
import { candidatesFor, diversify, type History, type PrivateState, type TopItems, topK } from '@tributary/model';
import { leftOut, listItems, type RecommendedItem } from './item-list.ts';
import { likenessOf } from './likeness.ts';
import type { PreparedModel } from './model-cache.ts';
import type { CheckedRecommendQuery } from './query.ts';

/** What `recommend` gives. */
export interface Recommendations {
  /** Best first, or as `diversity` has it; fewer than asked for where the catalogue has no more. */
  readonly items: readonly RecommendedItem[];
  /** To be passed to `track` when the person follows one of them. Known to this device alone. */
  readonly recommendationId: string;
  /**
   * 'history': ranked for this person. 'none': there is no usable event yet. The model's own order for a person without
   * history is taken where it has one (item biases); else a random draw, since a device knows nobody's popularity.
   */
  readonly basis: 'history' | 'none';
}

/** What a person's lists are made from. */
export interface FittedPerson {
  readonly model: PreparedModel;
  readonly history: History;
  /** Fitted from the history. */
  readonly state: PrivateState;
}

/**
 * The items of the person's own history are left out.
 * @param shuffled a random order of all items, asked for only where scores say nothing
 */
export function recommendItems(
  { model, state, history }: FittedPerson,
  query: CheckedRecommendQuery,
  shuffled: () => Uint32Array,
): readonly RecommendedItem[] {
  const { catalogue, bound } = model;
  const { count, diversity } = query;
  const left = leftOut(catalogue, query, history.items);
  const scores = bound.score(state);
  if (history.items.length === 0 && isConstant(scores)) {
    return listItems(catalogue, firstOf(shuffled(), scores, left, count));
  }
  const candidates = topK(scores, candidatesFor(count, diversity), { left });
  if (diversity === 0) return listItems(catalogue, candidates);
  return listItems(catalogue, diversify(candidates, likenessOf(bound), { count, diversity }));
}

function isConstant(scores: Float32Array): boolean {
  return scores.every((score) => score === scores[0]);
}

function firstOf(order: Uint32Array, scores: Float32Array, left: Uint8Array, count: number): TopItems {
  const items = order.filter((item) => left[item] === 0).subarray(0, count);
  return { items, scores: Float32Array.from(items, (item) => scores[item]) };
}

/** Recommendations on the device, from the cached model; nothing is sent, so they work offline. */
import { candidatesFor, diversify, type History, topK } from '@tributary/model';
import { type FittedPerson, isUnknown, scoresFor } from './fitted-person.ts';
import { leftOut, listItems, type RecommendedItem } from './item-list.ts';
import { likenessOf } from './likeness.ts';
import { fitPicks, type Picks } from './picks.ts';
import type { CheckedRecommendQuery } from './query.ts';

/** What `recommend` gives. */
export interface Recommendations {
  /** Best first, or as `diversity` has it; fewer than asked for where the catalogue has no more. */
  readonly items: readonly RecommendedItem[];
  /** To be passed to `track` when the person follows one of them. Known to this device alone. */
  readonly recommendationId: string;
  /**
   * 'history': ranked for this person, by tracked events (or the person's own text), and by picks where there are some. 'picks': by picks
   * alone; there is no usable event yet. 'popularity': there is nothing of the person, so these are what the model takes to be liked by
   * everybody.
   */
  readonly basis: 'history' | 'picks' | 'popularity';
}

export type RankedItems = Pick<Recommendations, 'items' | 'basis'>;

/**
 * The items of the person's own history are left out, and what was picked by hand.
 * @param own without picks
 * @param picks null for none
 */
export function recommendItems(
  own: FittedPerson,
  query: CheckedRecommendQuery,
  picks: Picks | null = null,
): RankedItems {
  const { catalogue, bound } = own.model;
  const { count, diversity } = query;
  const left = leftOut(catalogue, query, [...own.history.items, ...(picks?.likes ?? [])]);
  const scores = scoresFor(picks === null ? own : fitPicks(own, picks));
  const candidates = topK(scores, candidatesFor(count, diversity), { left });
  const top = diversity === 0 ? candidates : diversify(candidates, likenessOf(bound), { count, diversity });
  return { items: listItems(catalogue, top), basis: basisOf(own.history, picks) };
}

function basisOf(history: History, picks: Picks | null): RankedItems['basis'] {
  if (!isUnknown(history)) return 'history';
  return picks === null ? 'popularity' : 'picks';
}

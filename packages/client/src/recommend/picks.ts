/** Items and words that a person picks for one list. They live as long as the call. */
import { seededRandom, topK } from '@tributary/model';
import { type FittedPerson, isUnknown } from './fitted-person.ts';
import { indexOfItem } from './item-list.ts';
import type { PreparedModel } from './model-cache.ts';
import { popularityOf } from './popularity-cache.ts';
import type { CheckedRecommendQuery } from './query.ts';
import type { ItemSearch } from './search.ts';

/** Indices of items that are taken as liked. */
export interface Picks {
  /** Picked one by one. */
  readonly likes: Uint32Array;
  /** Found for the person's words, best first. */
  readonly found: Uint32Array;
}

/** How many of the items found for words are taken as liked. */
const mostFound = 10;

/**
 * What a person without a history is taken to have had before the picks, of the model's most popular items; no more than there are
 * picks. Without it, a pick or two say so little that lists are worse than popularity alone (docs/browser.md has figures).
 */
const mostPopular = 3;

/** One seed: the same picks give the same list. */
const fitSeed = 1;

/**
 * @returns null where nothing is picked, or nothing is found for words that are all there is
 * @throws TributaryError 'unknown-item'; 'texts' where the encoder fails
 */
export async function pickItems(
  model: PreparedModel,
  { likes, words }: Pick<CheckedRecommendQuery, 'likes' | 'words'>,
  search: Pick<ItemSearch, 'best'>,
): Promise<Picks | null> {
  const picked = Uint32Array.from(likes, (id) => indexOfItem(model.catalogue, id, 'recommend()'));
  const found = words === '' ? new Uint32Array(0) : await search.best(model, words, mostFound);
  return picked.length + found.length > 0 ? { likes: picked, found } : null;
}

/** The person as if all picks were the latest of the history: what was picked by hand last, the best of what was found before it. */
export function fitPicks({ model, history }: FittedPerson, { likes, found }: Picks): FittedPerson {
  const before = isUnknown(history)
    ? topK(popularityOf(model.bound), Math.min(mostPopular, found.length + likes.length)).items.reverse()
    : history.items;
  const withPicks = { ...history, items: Uint32Array.from([...before, ...found.slice().reverse(), ...likes]) };
  return { model, history: withPicks, state: model.bound.fitPrivateState(withPicks, seededRandom(fitSeed)) };
}

/** Which items a list is to hold. */
import { TributaryError } from '../errors/tributary-error.ts';

export interface ItemFilter {
  /** An item needs all of them. */
  readonly attributes?: readonly string[];
  /** Ids that are left out. Unknown ids are passed over. */
  readonly exclude?: readonly string[];
}

export interface ItemQuery extends ItemFilter {
  /** 1 to 1000; 10 by default. */
  readonly count?: number;
}

export interface RecommendQuery extends ItemQuery {
  /**
   * 0, the default, for the best items in their order, to 1 for items as unlike each other as can be: maximal marginal relevance over the
   * model's item vectors (Carbonell and Goldstein 1998).
   */
  readonly diversity?: number;
  /**
   * Ids of items that the person has picked as liked, at most 100: taken with the history, or in its place, for this one list. Nothing of
   * them is kept, tracked or trained on. They are not listed. As in a history, later ones weigh more where the model has it so.
   */
  readonly likes?: readonly string[];
  /**
   * What the person is after, in up to 1000 characters: the items that `search` finds best for it are taken as liked, before those of
   * `likes`, and may be listed. Nothing of it is kept, tracked or trained on.
   */
  readonly words?: string;
}

export type CheckedItemQuery = Required<ItemQuery>;
export type CheckedRecommendQuery = Required<RecommendQuery>;

/** @param call the method that got it, for the message @throws TributaryError 'invalid-option' */
export function checkItemQuery(query: ItemQuery, call: string): CheckedItemQuery {
  if (typeof query !== 'object' || query === null) {
    throw new TributaryError('invalid-option', `${call} expects a query such as { count: 10 }.`);
  }
  const { count = 10, exclude = [], attributes = [] } = query;
  if (!Number.isSafeInteger(count) || count < 1 || count > 1000) {
    throw new TributaryError('invalid-option', `${call} expects count to be a whole number from 1 to 1000.`);
  }
  for (const [name, list, what] of [
    ['exclude', exclude, 'item ids'],
    ['attributes', attributes, "attributes as they stand in the task's catalogue"],
  ] as const) {
    if (!Array.isArray(list) || !list.every((each) => typeof each === 'string')) {
      throw new TributaryError('invalid-option', `${call} expects ${name} to be an array of ${what}.`);
    }
  }
  return { count, exclude, attributes };
}

const mostLikes = 100;
const longestText = 1000;

/** @param call the method that got it, for the message @throws TributaryError 'invalid-option', without the text */
export function checkText(text: unknown, call: string): string {
  if (typeof text === 'string' && text.length <= longestText) return text;
  throw new TributaryError('invalid-option', `${call} a text of up to ${longestText} characters.`);
}

/** @throws TributaryError 'invalid-option' */
export function checkRecommendQuery(query: RecommendQuery): CheckedRecommendQuery {
  const checked = checkItemQuery(query, 'recommend()');
  const { diversity = 0, likes = [], words = '' } = query;
  if (typeof diversity !== 'number' || !(diversity >= 0 && diversity <= 1)) {
    throw new TributaryError('invalid-option', 'recommend() expects diversity to be a number from 0 to 1.');
  }
  if (!Array.isArray(likes) || likes.length > mostLikes || !likes.every((each) => typeof each === 'string')) {
    throw new TributaryError(
      'invalid-option',
      `recommend() expects likes to be an array of up to ${mostLikes} item ids.`,
    );
  }
  return { ...checked, diversity, likes, words: checkText(words, 'recommend() expects words to be') };
}

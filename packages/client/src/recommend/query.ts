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

/** @throws TributaryError 'invalid-option' */
export function checkRecommendQuery(query: RecommendQuery): CheckedRecommendQuery {
  const checked = checkItemQuery(query, 'recommend()');
  const { diversity = 0 } = query;
  if (typeof diversity !== 'number' || !(diversity >= 0 && diversity <= 1)) {
    throw new TributaryError('invalid-option', 'recommend() expects diversity to be a number from 0 to 1.');
  }
  return { ...checked, diversity };
}

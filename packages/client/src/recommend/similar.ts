/** Items that are like one, to the model: liked by the same people, whatever they say of themselves. */
import { topK } from '@tributary/model';
import { indexOfItem, leftOut, listItems, type RecommendedItem } from './item-list.ts';
import { likenessOf } from './likeness.ts';
import type { PreparedModel } from './model-cache.ts';
import type { CheckedItemQuery } from './query.ts';

/** By the cosine of item vectors, the item itself left out. @throws TributaryError 'unknown-item' */
export function similarItems(
  { catalogue, bound }: PreparedModel,
  itemId: string,
  query: CheckedItemQuery,
): readonly RecommendedItem[] {
  const item = indexOfItem(catalogue, itemId, 'similar()');
  const likeness = likenessOf(bound);
  const cosines = likeness.cosines(likeness.vectorOf(item));
  return listItems(catalogue, topK(cosines, query.count, { left: leftOut(catalogue, query, [item]) }));
}

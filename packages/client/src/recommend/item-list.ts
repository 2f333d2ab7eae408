/** From scores of all items to a list that an app can show. */
import type { TopItems } from '@tributary/model';
import { TributaryError } from '../errors/tributary-error.ts';
import type { Catalogue } from './catalogue.ts';
import type { CheckedItemQuery } from './query.ts';

export interface RecommendedItem {
  readonly id: string;
  readonly title: string;
  /** Higher is better; comparable within one list. */
  readonly score: number;
}

/** @returns [items], 1 where an item is not to be listed @param also items that are left out whatever the query says */
export function leftOut(
  { items, indexOf }: Catalogue,
  { attributes, exclude }: Pick<CheckedItemQuery, 'attributes' | 'exclude'>,
  also: Iterable<number>,
): Uint8Array {
  const left = new Uint8Array(items.length);
  for (const index of also) left[index] = 1;
  for (const id of exclude) {
    const index = indexOf(id);
    if (index !== undefined) left[index] = 1;
  }
  if (attributes.length === 0) return left;
  items.forEach((item, index) => {
    if (!attributes.every((attribute) => item.attributes.includes(attribute))) left[index] = 1;
  });
  return left;
}

export function listItems({ items }: Catalogue, top: TopItems): readonly RecommendedItem[] {
  return Array.from(top.items, (index, place) => ({
    id: items[index].id,
    title: items[index].title,
    score: top.scores[place],
  }));
}

/** @param call the method that got the id, for the message @throws TributaryError 'unknown-item', without the id */
export function indexOfItem({ indexOf }: Catalogue, itemId: string, call: string): number {
  const index = indexOf(itemId);
  if (index !== undefined) return index;
  throw new TributaryError(
    'unknown-item',
    `${call} got an itemId that the task's catalogue does not have. Use ids as they stand in the catalogue.`,
  );
}

/** An explanation once more, by what the items of the history have in common with the item that is explained. */
import type { ItemContribution } from '@tributary/model';
import type { Catalogue } from './catalogue.ts';

/** What items of the history that share an attribute with the explained item add to its score together. */
export interface AttributeContribution {
  /** As it stands in the task's catalogue. */
  readonly attribute: string;
  /** Of the history, the largest value first; each stands with one attribute. */
  readonly itemIds: readonly string[];
  /** The sum of what `contributions` says of them. */
  readonly value: number;
}

/**
 * Each item counts wholly for the rarest attribute in the catalogue that it shares with the explained one: 'film noir' says more than
 * 'drama', and values of attributes are sums of different items.
 *
 * @param item the explained one
 * @param contributions the largest value first
 * @returns the largest value first
 */
export function attributeContributions(
  catalogue: Catalogue,
  item: number,
  contributions: readonly ItemContribution[],
): readonly AttributeContribution[] {
  const { items } = catalogue;
  const rarestFirst = byRarity(catalogue, items[item].attributes);
  const found = new Map<string, { readonly itemIds: string[]; value: number }>();
  for (const { item: had, value } of contributions) {
    const attribute = rarestFirst.find((each) => items[had].attributes.includes(each));
    if (attribute === undefined) continue;
    const part = found.get(attribute) ?? { itemIds: [], value: 0 };
    part.itemIds.push(items[had].id);
    part.value += value;
    found.set(attribute, part);
  }
  return [...found].map(([attribute, part]) => ({ attribute, ...part })).sort((a, b) => b.value - a.value);
}

/** Equally rare ones in the order of the item. */
function byRarity(catalogue: Catalogue, attributes: readonly string[]): readonly string[] {
  const counts = countsOf(catalogue);
  return [...attributes].sort((a, b) => (counts.get(a) ?? 0) - (counts.get(b) ?? 0));
}

const counted = new WeakMap<Catalogue, ReadonlyMap<string, number>>();

/** How many items have each attribute. */
function countsOf(catalogue: Catalogue): ReadonlyMap<string, number> {
  const known = counted.get(catalogue);
  if (known) return known;
  const counts = new Map<string, number>();
  for (const { attributes } of catalogue.items) {
    for (const each of new Set(attributes)) counts.set(each, (counts.get(each) ?? 0) + 1);
  }
  counted.set(catalogue, counts);
  return counts;
}

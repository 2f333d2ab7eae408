/** What a data set looks like, in aggregate: nothing here is about one person. */
import { gini } from '../evaluation/metrics.ts';
import type { Dataset } from './dataset.ts';

/** Quantiles by linear interpolation between order statistics (type 7 of Hyndman and Fan 1996), and the mean. */
export interface Quantiles {
  readonly minimum: number;
  readonly lowerQuartile: number;
  readonly median: number;
  readonly upperQuartile: number;
  readonly maximum: number;
  readonly mean: number;
}

export interface DatasetDescription {
  readonly name: string;
  readonly source: string;
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
  /** Share of all (user, item) pairs that occur. */
  readonly density: number;
  /** Interactions a user. */
  readonly historyLength: Quantiles;
  /** Users with at least three interactions: those who have held-out items. */
  readonly usersWithHeldOut: number;
  /** Users an item. */
  readonly popularity: Quantiles;
  /** Gini coefficient of the items' popularity: 0 equal, towards 1 concentrated. */
  readonly popularityGini: number;
  readonly itemsWithoutInteraction: number;
  readonly itemsWithDescription: number;
  /** In the source's unit; absent where the source has no timestamps. */
  readonly timeSpan?: { readonly first: number; readonly last: number };
  readonly skippedRows: number;
}

function quantiles(values: Uint32Array): Quantiles {
  const ascending = values.slice().sort();
  const at = (share: number) => {
    const place = share * (ascending.length - 1);
    const below = Math.floor(place);
    const above = Math.min(below + 1, ascending.length - 1);
    return ascending[below] + (place - below) * (ascending[above] - ascending[below]);
  };
  const total = ascending.reduce((sum, value) => sum + value, 0);
  return {
    minimum: at(0),
    lowerQuartile: at(0.25),
    median: at(0.5),
    upperQuartile: at(0.75),
    maximum: at(1),
    mean: total / ascending.length,
  };
}

export function describeDataset(dataset: Dataset): DatasetDescription {
  const { interactions, items, timeSpan } = dataset;
  const { userCount, itemCount, offsets } = interactions;
  const lengths = Uint32Array.from({ length: userCount }, (_, user) => offsets[user + 1] - offsets[user]);
  const popularity = new Uint32Array(itemCount);
  for (const item of interactions.items) popularity[item]++;
  return {
    name: dataset.name,
    source: dataset.source,
    users: userCount,
    items: itemCount,
    interactions: interactions.items.length,
    density: interactions.items.length / (userCount * itemCount),
    historyLength: quantiles(lengths),
    usersWithHeldOut: lengths.filter((length) => length >= 3).length,
    popularity: quantiles(popularity),
    popularityGini: gini(popularity),
    itemsWithoutInteraction: popularity.filter((count) => count === 0).length,
    itemsWithDescription: items.filter((item) => item.description !== '').length,
    ...(timeSpan === undefined ? {} : { timeSpan }),
    skippedRows: dataset.skippedRows,
  };
}

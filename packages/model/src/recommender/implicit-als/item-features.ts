/** What is publicly known of items, as numbers that their vectors may be predicted from. */
import type { Item } from '../../data/dataset.ts';
import type { Regressors } from './shrinkage.ts';

/** Categories that become columns at most, the most frequent first, unless the caller says otherwise. */
const usualAttributes = 64;
/** Standard deviations beyond which a number counts as no further away. */
const furthest = 3;
/** Title and attributes of every item, in the order of the model's rows. */
export type DescribedItem = Pick<Item, 'title' | 'attributes'>;

export interface ItemFeatureOptions {
  /** Years between the centres of neighbouring bumps, and a bump's standard deviation; > 0. Default 5. */
  readonly yearStep?: number;
  /** Most columns of categories. Links of items to entities of a knowledge graph are categories too, and there are many. Default 64. */
  readonly mostAttributes?: number;
}

/**
 * A constant; 0 or 1 for each category that some items have and others lack; where titles end in a year in brackets, a
 * Gaussian bump exp(-((year - c) / step)^2 / 2) for centres c that are one step apart; and for attributes such as "price = 9.90", by
 * name, the number in standard deviations from its mean, 0 where an item has none.
 */
export function itemFeatures(
  items: readonly DescribedItem[],
  { yearStep = 5, mostAttributes = usualAttributes }: ItemFeatureOptions = {},
): Regressors {
  const numbers = items.map(({ attributes }) => new Map(attributes.flatMap((attribute) => numberOf(attribute) ?? [])));
  const scales = numberScales(numbers);
  const attributes = telling(items).slice(0, mostAttributes);
  const years = items.map(({ title }) => yearOf(title));
  const centres = yearCentres(
    years.filter((year) => year !== null),
    yearStep,
  );
  const columns = 1 + attributes.length + centres.length + scales.length;
  const values = new Float64Array(items.length * columns);
  items.forEach((item, row) => {
    const own = new Set(item.attributes);
    const year = years[row];
    const bumps = centres.map((centre) => (year === null ? 0 : Math.exp(-(((year - centre) / yearStep) ** 2) / 2)));
    const scaled = scales.map(({ name, mean, deviation }) => {
      const number = numbers[row].get(name);
      return number === undefined ? 0 : Math.max(-furthest, Math.min(furthest, (number - mean) / deviation));
    });
    values.set([1, ...attributes.map((attribute) => Number(own.has(attribute))), ...bumps, ...scaled], row * columns);
  });
  return { columns, values };
}

/** The constant alone: every item is predicted to be as the mean. */
export function constantFeature(rows: number): Regressors {
  return { columns: 1, values: new Float64Array(rows).fill(1) };
}

/** Of one item it would tell that item's id, of all nothing. */
function telling(items: readonly DescribedItem[]): string[] {
  const counts = new Map<string, number>();
  for (const { attributes } of items) {
    for (const attribute of new Set(attributes)) {
      if (!numberOf(attribute)) counts.set(attribute, (counts.get(attribute) ?? 0) + 1);
    }
  }
  return [...counts]
    .filter(([, count]) => count > 1 && count < items.length)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([attribute]) => attribute);
}

/** As in "price = 9.90": one pair of name and number, or null. */
function numberOf(attribute: string): [[string, number]] | null {
  const match = /^([^=]+)=\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/i.exec(attribute.trim());
  if (!match) return null;
  const number = Number(match[2]);
  return Number.isFinite(number) ? [[match[1].trim(), number]] : null;
}

/** By name, of numbers that tell items apart. */
function numberScales(numbers: readonly ReadonlyMap<string, number>[]) {
  const byName = new Map<string, number[]>();
  for (const own of numbers) {
    for (const [name, number] of own) {
      const values = byName.get(name);
      if (values) values.push(number);
      else byName.set(name, [number]);
    }
  }
  return [...byName]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, values]) => {
      const mean = values.reduce((sum, value) => sum + value / values.length, 0);
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2 / values.length, 0);
      return { name, mean, deviation: Math.sqrt(variance) };
    })
    .filter(({ deviation }) => deviation > 0 && Number.isFinite(deviation));
}

/** As in "Heat (1995)". */
function yearOf(title: string): number | null {
  const match = /\(([12]\d{3})\)\s*$/.exec(title);
  return match ? Number(match[1]) : null;
}

function yearCentres(years: readonly number[], yearStep: number): number[] {
  if (years.length === 0) return [];
  const ends = years.reduce(([low, high], year) => [Math.min(low, year), Math.max(high, year)], [9999, 0]);
  const [from, to] = ends.map((year) => Math.round(year / yearStep));
  return Array.from({ length: to - from + 1 }, (_, i) => (from + i) * yearStep);
}

/** What is publicly known of items, as numbers that their vectors may be predicted from. */
import type { Item } from '../../data/dataset.ts';
import type { Regressors } from './shrinkage.ts';

/** Attributes that become columns at most, the most frequent first. */
const mostAttributes = 64;
/** Title and attributes of every item, in the order of the model's rows. */
export type DescribedItem = Pick<Item, 'title' | 'attributes'>;

/**
 * A constant; 0 or 1 for each attribute that some items have and others lack; and, where titles end in a year in brackets, a
 * Gaussian bump exp(-((year - c) / step)^2 / 2) for centres c that are one step apart.
 *
 * @param yearStep years between the centres of neighbouring bumps, and a bump's standard deviation; > 0
 */
export function itemFeatures(items: readonly DescribedItem[], yearStep = 5): Regressors {
  const attributes = telling(items);
  const years = items.map(({ title }) => yearOf(title));
  const centres = yearCentres(
    years.filter((year) => year !== null),
    yearStep,
  );
  const columns = 1 + attributes.length + centres.length;
  const values = new Float64Array(items.length * columns);
  items.forEach((item, row) => {
    const own = new Set(item.attributes);
    const year = years[row];
    const bumps = centres.map((centre) => (year === null ? 0 : Math.exp(-(((year - centre) / yearStep) ** 2) / 2)));
    values.set([1, ...attributes.map((attribute) => Number(own.has(attribute))), ...bumps], row * columns);
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
    for (const attribute of new Set(attributes)) counts.set(attribute, (counts.get(attribute) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > 1 && count < items.length)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, mostAttributes)
    .map(([attribute]) => attribute);
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

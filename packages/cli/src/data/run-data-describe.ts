/** Shows what is in a data set, in counts and shares: nobody in particular. */
import { type DatasetDescription, describeDataset } from '@tributary/model/data';
import type { Output } from '../output/output.ts';
import { plainText, textTable } from '../output/table.ts';
import { loadData } from './load-data.ts';

/** Seed of the built-in catalogue where no plan names one. */
const defaultSeed = 1;

/** @throws DataError for a data set that cannot be read */
export async function runDataDescribe(
  folder: string,
  { skipBadRows }: { readonly skipBadRows?: boolean },
  output: Output,
): Promise<void> {
  const dataset = await loadData(folder, { seed: defaultSeed, skipBadRows: skipBadRows ?? false });
  const description = describeDataset(dataset);
  output.result(descriptionText(description));
  output.data(description);
}

function descriptionText(description: DatasetDescription): string {
  const { historyLength, popularity } = description;
  const facts = textTable(
    ['', plainText(description.name)],
    [
      ['users', String(description.users)],
      ['  with held-out items (three interactions or more)', String(description.usersWithHeldOut)],
      ['items', String(description.items)],
      ['  without an interaction', String(description.itemsWithoutInteraction)],
      ['  with a description', String(description.itemsWithDescription)],
      ['interactions', String(description.interactions)],
      ['share of all pairs', `${(description.density * 100).toFixed(2)} %`],
      ['Gini coefficient of popularity', description.popularityGini.toFixed(3)],
      ['rows left out', String(description.skippedRows)],
    ],
  );
  const spread = textTable(
    ['', 'least', 'lower quartile', 'median', 'upper quartile', 'most', 'mean'],
    [
      ['interactions a user', ...quantileCells(historyLength)],
      ['users an item', ...quantileCells(popularity)],
    ],
  );
  return `${facts}\n\n${spread}\n\nsource: ${plainText(description.source, 300)}`;
}

function quantileCells(quantiles: DatasetDescription['historyLength']): string[] {
  const { minimum, lowerQuartile, median, upperQuartile, maximum, mean } = quantiles;
  return [minimum, lowerQuartile, median, upperQuartile, maximum, mean].map((value) =>
    Number.isInteger(value) ? String(value) : value.toFixed(1),
  );
}

/** Shows what is in a data set, in counts and shares. */
import { describeDataset } from '@tributary/model/data';
import type { Output } from '../output/output.ts';
import { loadData } from './load-data.ts';

/** Seed of the built-in catalogue where no plan names one. */
const defaultSeed = 1;

export async function runDataDescribe(
  folder: string,
  { skipBadRows }: { readonly skipBadRows?: boolean },
  output: Output,
): Promise<void> {
  const dataset = await loadData(folder, { seed: defaultSeed, skipBadRows: skipBadRows ?? false });
  const description = describeDataset(dataset);
  output.result(JSON.stringify(description, null, 2));
  output.data(description);
}

/** Data sets by the name that a person gives on the command line. */
import { type Dataset, loadDataset, syntheticCatalogue } from '@tributary/model/data';

/** The name of the built-in catalogue. */
export const syntheticName = 'synthetic';

export interface LoadDataOptions {
  readonly skipBadRows?: boolean;
  /** Seed of the built-in catalogue. */
  readonly seed: number;
  /** Users of the built-in catalogue; left out: its default. */
  readonly users?: number;
}

/** Loads a data set from a folder or file, or makes the built-in one. @throws DataError for what cannot be read. */
export async function loadData(name: string, options: LoadDataOptions): Promise<Dataset> {
  if (name !== syntheticName) return loadDataset(name, { skipBadRows: options.skipBadRows ?? false });
  const { users, seed } = options;
  return syntheticCatalogue(users === undefined ? { seed } : { users, seed });
}

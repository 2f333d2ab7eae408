/** Data sets by the name that a person gives on the command line. */
import { type Dataset, loadDataset, syntheticCatalogue } from '@tributary/model/data';

/** The name of the built-in catalogue. */
export const syntheticName = 'synthetic';

/** Sizes of the built-in catalogue: large enough that popularity alone is a poor recommender, small enough to be instant. */
export const syntheticSizes = { users: 1000, items: 1000, interactionsPerUser: 40 } as const;

export interface LoadDataOptions {
  readonly skipBadRows?: boolean;
  /** Seed of the built-in catalogue. */
  readonly seed: number;
  /** Users of the built-in catalogue. */
  readonly users?: number;
}

/** Loads a data set from a folder or file, or makes the built-in one. @throws DataError for what cannot be read. */
export async function loadData(name: string, options: LoadDataOptions): Promise<Dataset> {
  if (name !== syntheticName) return loadDataset(name, { skipBadRows: options.skipBadRows ?? false });
  return syntheticCatalogue({ ...syntheticSizes, users: options.users ?? syntheticSizes.users, seed: options.seed });
}

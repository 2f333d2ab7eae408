/** The split of a data set that a run is judged by. */
import { type Dataset, hasNcfSplit, loadNcfSplit, type Split, splitLeaveLastOneOut } from '@tributary/model/data';
import { CommandError } from '../exit/command-error.ts';
import { syntheticName } from './load-data.ts';

export type SplitKind = 'ncf' | 'time';

export interface MakeSplitOptions {
  /** Default: `ncf` where the data set comes with it, else `time`. */
  readonly kind?: SplitKind | undefined;
  /** Which held-out item the run is judged by. */
  readonly purpose: 'validation' | 'test';
  readonly seed: number;
  /** Negatives of the sampled ranking, where they are drawn. */
  readonly negatives: number;
}

/** Makes or loads the split. @throws CommandError where the data set has no split of He et al.; DataError. */
export async function makeSplit(folder: string, dataset: Dataset, options: MakeSplitOptions): Promise<Split> {
  const { purpose, seed, negatives } = options;
  const published = folder !== syntheticName && hasNcfSplit(folder);
  if ((options.kind ?? (published ? 'ncf' : 'time')) === 'time') {
    return splitLeaveLastOneOut(dataset, { negatives, seed, purpose });
  }
  if (!published) {
    throw new CommandError(
      'input',
      `${folder} has no split of He et al. (2017); expected the ml-1m.* files beside the data.`,
      {
        advice: 'Use --split time, which holds out the latest interaction of each user.',
      },
    );
  }
  return loadNcfSplit(folder, { purpose, seed });
}

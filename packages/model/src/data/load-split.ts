/** The split that belongs to a data set: the published one where its folder has one, else our own. */
import type { Dataset, Split } from './dataset.ts';
import { hasNcfSplit, loadNcfSplit } from './ncf-split.ts';
import { type SplitOptions, splitLeaveLastOneOut } from './split.ts';

/**
 * He et al.'s split where `path` is a folder that holds it and it covers the data set as loaded (not one thinned out by
 * `minimumRating`, say), else `splitLeaveLastOneOut`. Published negatives are taken as they are, whatever `negatives` says.
 *
 * @param path where the data set was loaded from
 * @throws DataError
 */
export async function loadSplit(path: string, dataset: Dataset, options: SplitOptions): Promise<Split> {
  if (hasNcfSplit(path)) {
    const { seed, purpose = 'test' } = options;
    const split = await loadNcfSplit(path, { seed, purpose });
    const count = (items: Int32Array) => items.filter((item) => item >= 0).length;
    const held = count(split.test) + (purpose === 'validation' ? count(split.validation) : 0);
    const { userCount, itemCount, items } = dataset.interactions;
    const same =
      userCount === split.train.userCount &&
      itemCount === split.train.itemCount &&
      items.length === split.train.items.length + held;
    if (same) return split;
  }
  return splitLeaveLastOneOut(dataset, options);
}

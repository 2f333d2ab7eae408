/** Interactions of many people, compactly, and what is publicly known about the items. */

/** Public facts about one item. */
export interface Item {
  /** The item's id in the source, or in the app. */
  readonly id: string;
  readonly title: string;
  readonly attributes: readonly string[];
  readonly description: string;
}

/** An item of which nothing is known but its id. */
export function bareItem(id: string): Item {
  return { id, title: id, attributes: [], description: '' };
}

/**
 * Interactions in compressed rows: those of user u are items[offsets[u]] .. items[offsets[u + 1] - 1], oldest first (ties in
 * time keep the order of the source). A (user, item) pair occurs once: its latest occurrence stands.
 */
export interface Interactions {
  readonly userCount: number;
  readonly itemCount: number;
  /** [userCount + 1] */
  readonly offsets: Uint32Array;
  readonly items: Uint32Array;
}

export interface Dataset {
  readonly name: string;
  /** Where it came from and on what terms. */
  readonly source: string;
  /** Source ids by user index. Known to whoever loads a whole data set (a researcher), to no coordinator. */
  readonly userIds: readonly string[];
  readonly items: readonly Item[];
  readonly interactions: Interactions;
  /** The first and the last timestamp in the source's unit (MovieLens: seconds since 1970), where it has timestamps. */
  readonly timeSpan?: { readonly first: number; readonly last: number };
  /** Lines that were left out, when the loader was told to. */
  readonly skippedRows: number;
}

/**
 * What a split is for. While hyper-parameters are being chosen ('validation'), the validation item is kept out of `train`. For
 * the final figures ('test') it is the last item of the user's training history, as in He et al. (2017), whose training file
 * holds everything but the test item.
 */
export type SplitPurpose = 'validation' | 'test';

/**
 * Leave-last-one-out: each user's latest interaction is the test item, the one before it the validation item; the rest is
 * trained on, with or without the validation item as the purpose says. A user with fewer than three interactions has no
 * held-out item and is trained on only.
 */
export interface Split {
  readonly name: string;
  readonly purpose: SplitPurpose;
  readonly train: Interactions;
  /** [userCount]; -1 where there is none. */
  readonly validation: Int32Array;
  /** [userCount]; -1 where there is none. */
  readonly test: Int32Array;
  /**
   * Sampled-ranking negatives of the test item, given by the data set or drawn with the seed: [userCount * negativesPerUser].
   * A negative that equals the held-out item is not counted; a row ends in such ones where a user has seen nearly everything.
   */
  readonly testNegatives: Uint32Array;
  readonly validationNegatives: Uint32Array;
  readonly negativesPerUser: number;
  readonly seed: number;
}

/** Items of one user: a view, oldest first. */
export function historyOf(interactions: Interactions, user: number): Uint32Array {
  return interactions.items.subarray(interactions.offsets[user], interactions.offsets[user + 1]);
}

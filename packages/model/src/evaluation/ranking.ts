/** Where the held-out item of one user stands. Pure, and free of allocation, since it runs once per user over all items. */

/** Who comes first among equal scores: the others ('against-model', the protocol's rule) or the held-out item. */
export type TieHandling = 'against-model' | 'optimistic';

/** Rank among candidates: 0 is the best. */
export interface Rank {
  readonly rank: number;
  /** How many items were ranked, the held-out one included. */
  readonly candidates: number;
}

/** Whether any score is NaN, which compares with nothing and would silently count as a hit. */
export function hasNaN(scores: Float32Array): boolean {
  for (let i = 0; i < scores.length; i++) if (Number.isNaN(scores[i])) return true;
  return false;
}

/** Rank of the held-out item among sampled negatives. A negative that is the held-out item itself is left out. */
export function rankAmong(scores: Float32Array, heldOut: number, negatives: Uint32Array, ties: TieHandling): Rank {
  const own = scores[heldOut];
  let above = 0;
  let equal = 0;
  let candidates = 1;
  for (let i = 0; i < negatives.length; i++) {
    if (negatives[i] === heldOut) continue;
    candidates++;
    const score = scores[negatives[i]];
    if (score > own) above++;
    else if (score === own) equal++;
  }
  return { rank: ties === 'optimistic' ? above : above + equal, candidates };
}

/**
 * Rank of the held-out item among all items except the seen ones.
 *
 * @param seen distinct items that are no candidates; the held-out item is not among them
 */
export function rankAmongUnseen(scores: Float32Array, heldOut: number, seen: Uint32Array, ties: TieHandling): Rank {
  const own = scores[heldOut];
  let above = 0;
  let atLeast = 0;
  for (let i = 0; i < scores.length; i++) {
    above += +(scores[i] > own);
    atLeast += +(scores[i] >= own);
  }
  for (let i = 0; i < seen.length; i++) {
    above -= +(scores[seen[i]] > own);
    atLeast -= +(scores[seen[i]] >= own);
  }
  return { rank: ties === 'optimistic' ? above : atLeast - 1, candidates: scores.length - seen.length };
}

/**
 * The `top.length` best items that are not marked, best first, equal scores in the order of the items.
 *
 * @param isSeen [items], not 0 where an item is left out
 * @param top receives the items
 * @param topScores scratch, as long as `top`
 * @returns how many there are
 */
export function bestUnseen(
  scores: Float32Array,
  isSeen: Uint8Array,
  top: Uint32Array,
  topScores: Float32Array,
): number {
  const length = top.length;
  let count = 0;
  for (let item = 0; item < scores.length; item++) {
    const score = scores[item];
    if (count === length && score <= topScores[length - 1]) continue;
    if (isSeen[item] !== 0) continue;
    let place = count < length ? count++ : length - 1;
    for (; place > 0 && topScores[place - 1] < score; place--) {
      top[place] = top[place - 1];
      topScores[place] = topScores[place - 1];
    }
    top[place] = item;
    topScores[place] = score;
  }
  return count;
}

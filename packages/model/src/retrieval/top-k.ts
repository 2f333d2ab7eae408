/** The best of a table of scores, in one pass that allocates nothing for an item. */

/** Best first; equal scores in the order of the items. */
export interface TopItems {
  readonly items: Uint32Array;
  readonly scores: Float32Array;
}

export interface TopKOptions {
  /** [items], not 0 where an item is left out. */
  readonly left?: Uint8Array | undefined;
  /** Only scores above it; a score that is NaN or -Infinity is never among the best. Default -Infinity. */
  readonly above?: number | undefined;
}

/**
 * A threshold pass: an item is looked at twice only where it beats the worst of the best so far, which a heap keeps at hand. Expected
 * O(items + k log k log items) for items in no order of their scores, O(items log k) at worst.
 *
 * @param count k >= 0; fewer come back where there are no more
 */
export function topK(
  scores: Float32Array,
  count: number,
  { left, above = Number.NEGATIVE_INFINITY }: TopKOptions = {},
): TopItems {
  const capacity = Math.min(count, scores.length);
  const heap = { items: new Uint32Array(capacity), scores: new Float32Array(capacity) };
  let size = 0;
  let floor = capacity === 0 ? Number.POSITIVE_INFINITY : above;
  for (let item = 0; item < scores.length; item++) {
    const score = scores[item];
    // Items rise, so one that equals the worst comes after it.
    if (!(score > floor) || (left !== undefined && left[item] !== 0)) continue;
    if (size < capacity) {
      siftUp(heap, size++, item, score);
      if (size === capacity) floor = heap.scores[0];
    } else {
      siftDown(heap, size, item, score);
      floor = heap.scores[0];
    }
  }
  return sorted(heap, size);
}

/** Whether the first is to come after the second. */
function isWorse(score: number, item: number, otherScore: number, otherItem: number): boolean {
  return score < otherScore || (score === otherScore && item > otherItem);
}

/** Puts an entry in at place `at`, the end; the worst is at place 0. */
function siftUp({ items, scores }: TopItems, at: number, item: number, score: number): void {
  let place = at;
  while (place > 0) {
    const parent = (place - 1) >> 1;
    if (!isWorse(score, item, scores[parent], items[parent])) break;
    items[place] = items[parent];
    scores[place] = scores[parent];
    place = parent;
  }
  items[place] = item;
  scores[place] = score;
}

/** Replaces the worst, at place 0. */
function siftDown({ items, scores }: TopItems, size: number, item: number, score: number): void {
  let place = 0;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= size) break;
    const right = child + 1;
    if (right < size && isWorse(scores[right], items[right], scores[child], items[child])) child = right;
    if (!isWorse(scores[child], items[child], score, item)) break;
    items[place] = items[child];
    scores[place] = scores[child];
    place = child;
  }
  items[place] = item;
  scores[place] = score;
}

/** Takes the worst off until none is left, each to its place from the end. */
function sorted(heap: TopItems, size: number): TopItems {
  const top = { items: new Uint32Array(size), scores: new Float32Array(size) };
  for (let left = size - 1; left >= 0; left--) {
    top.items[left] = heap.items[0];
    top.scores[left] = heap.scores[0];
    siftDown(heap, left, heap.items[left], heap.scores[left]);
  }
  return top;
}

/**
 * Place of an item in the order of `topK`, 1 for the best, among items that are not left out; the item itself counts, left out or not.
 */
export function rankOf(scores: Float32Array, item: number, left?: Uint8Array): number {
  const own = scores[item];
  let rank = 1;
  for (let other = 0; other < scores.length; other++) {
    if (left !== undefined && left[other] !== 0) continue;
    rank += +(scores[other] > own || (scores[other] === own && other < item));
  }
  return rank;
}

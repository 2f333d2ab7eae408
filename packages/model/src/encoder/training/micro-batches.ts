/** Texts put together by length, so that little is padded and no batch needs much memory. */
import type { TokenBatch } from '../tokenizer.ts';

/** Rows of a token batch that are run at once. */
export interface MicroBatch {
  /** Positions in the list of rows asked for. */
  readonly places: readonly number[];
  readonly batch: TokenBatch;
}

/** Number of tokens of each text: up to the last one that the mask lets through, at least 1. */
export function textLengths({ size, length, mask }: TokenBatch): Int32Array {
  return Int32Array.from({ length: size }, (_, text) => {
    const last = mask.subarray(text * length, (text + 1) * length).lastIndexOf(1);
    return Math.max(1, last + 1);
  });
}

/** The rows, sorted by length and cut so that a batch has at most `tokens` tokens with its padding, and at least one text. */
export function microBatches(
  texts: TokenBatch,
  lengths: Int32Array,
  rows: ArrayLike<number>,
  tokens: number,
): readonly MicroBatch[] {
  const places = Array.from(rows, (_, place) => place).sort((a, b) => lengths[rows[a]] - lengths[rows[b]] || a - b);
  const groups: number[][] = [];
  for (const place of places) {
    const group = groups.at(-1);
    // Sorted upwards: the text that comes is the longest of its group.
    if (group && (group.length + 1) * lengths[rows[place]] <= tokens) group.push(place);
    else groups.push([place]);
  }
  return groups.map((group) => ({
    places: group,
    batch: selectTexts(
      texts,
      lengths,
      group.map((place) => rows[place]),
    ),
  }));
}

function selectTexts(texts: TokenBatch, lengths: Int32Array, rows: readonly number[]): TokenBatch {
  const length = rows.reduce((longest, row) => Math.max(longest, lengths[row]), 1);
  const select = (values: Int32Array) => {
    const selected = new Int32Array(rows.length * length);
    rows.forEach((row, index) => {
      selected.set(values.subarray(row * texts.length, row * texts.length + length), index * length);
    });
    return selected;
  };
  return {
    size: rows.length,
    length,
    ids: select(texts.ids),
    mask: select(texts.mask),
    typeIds: select(texts.typeIds),
  };
}

import type { TokenBatch } from '../tokenizer.ts';

/** Pads texts on the right to the longest of them; a batch is at least one token long, so that no tensor is empty. */
export function padTexts(texts: readonly Int32Array[], paddingId: number): TokenBatch {
  const size = texts.length;
  const length = texts.reduce((longest, ids) => Math.max(longest, ids.length), 1);
  const ids = new Int32Array(size * length).fill(paddingId);
  const mask = new Int32Array(size * length);
  texts.forEach((text, row) => {
    ids.set(text, row * length);
    mask.fill(1, row * length, row * length + text.length);
  });
  return { size, length, ids, mask, typeIds: new Int32Array(size * length) };
}

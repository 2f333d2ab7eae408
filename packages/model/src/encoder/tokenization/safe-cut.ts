/** Where a long text may be cut without changing the tokens before the cut. */

const space = /\p{White_Space}/u;

/**
 * The length of a prefix of at least `atLeast` UTF-16 units whose tokens are the first tokens of the whole text: it ends before a
 * single space between two visible characters. There WordPiece's words and byte-level BPE's words end whatever follows, and no
 * normalisation reaches over it. The text's length where there is no such place.
 */
export function safeCut(text: string, atLeast: number): number {
  for (
    let at = text.indexOf(' ', Math.max(1, atLeast));
    at > 0 && at < text.length - 1;
    at = text.indexOf(' ', at + 1)
  ) {
    if (isVisible(text[at - 1]) && isVisible(text[at + 1])) return at;
  }
  return text.length;
}

/** Letters, digits and the like; not a mark, a control, or half a surrogate pair. */
function isVisible(unit: string): boolean {
  return /[\p{L}\p{N}\p{P}]/u.test(unit) && !space.test(unit);
}

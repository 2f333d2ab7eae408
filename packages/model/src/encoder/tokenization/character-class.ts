/** Sets of characters from their ranges, as classes of a regular expression. */

/** The inside of a character class, for the flag `v` or `u`, from ranges written as in unicode.generated.ts. */
export function classOf(ranges: string): string {
  let at = 0;
  return ranges
    .split(' ')
    .map((range) => {
      const [distance, length = '1'] = range.split(':');
      const from = at + Number.parseInt(distance, 36);
      at = from + Number.parseInt(length, 36);
      return `${escaped(from)}-${escaped(at - 1)}`;
    })
    .join('');
}

function escaped(codePoint: number): string {
  return `\\u{${codePoint.toString(16)}}`;
}

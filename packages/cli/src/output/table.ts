/** Tables in plain text: the first column to the left, figures to the right. */

/** Lays out rows under their headings, two spaces apart. Columns are aligned right, except those named in `left`. */
export function textTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  left: readonly number[] = [0],
): string {
  const widths = headings.map((heading, column) =>
    Math.max(width(heading), ...rows.map((row) => width(row[column] ?? ''))),
  );
  const line = (cells: readonly string[]) =>
    widths
      .map((columnWidth, column) => {
        const cell = cells[column] ?? '';
        const padding = ' '.repeat(columnWidth - width(cell));
        return left.includes(column) ? cell + padding : padding + cell;
      })
      .join('  ')
      .trimEnd();
  return [line(headings), line(widths.map((columnWidth) => '-'.repeat(columnWidth))), ...rows.map(line)].join('\n');
}

/** Characters shown: code points, which is right for the titles of a catalogue but for the rarest scripts. */
function width(text: string): number {
  return [...text].length;
}

/** A size for people: 1 kB = 1,000 bytes. */
export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${Math.round(bytes)} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  if (bytes < 1_000_000_000) return `${(bytes / 1_000_000).toFixed(1)} MB`;
  return `${(bytes / 1_000_000_000).toFixed(2)} GB`;
}

/** Text from a file or the network, safe to show on a terminal: no control characters, at most `maximum` characters. */
export function plainText(text: string, maximum = 60): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, ' ');
  const characters = [...clean];
  return characters.length <= maximum ? clean : `${characters.slice(0, maximum - 1).join('')}…`;
}

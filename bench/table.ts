/** Rows as text: for a terminal, and for docs/benchmarks.md. */
import type { BenchRow } from './bench-row.ts';

const header = ['benchmark', 'ratio', 'target', 'met', 'detail'] as const;

function cellsOf({ name, ratio, target, ok, detail }: BenchRow): readonly string[] {
  return [
    name,
    ratio === null ? '–' : formatRatio(ratio),
    target,
    ok === null ? (ratio === null ? 'not measured' : '–') : ok ? 'yes' : 'NO',
    detail,
  ];
}

/** Three significant digits, without an exponent where it can be helped. */
export function formatRatio(ratio: number): string {
  return ratio >= 1000 ? String(Math.round(ratio)) : String(Number(ratio.toPrecision(3)));
}

export function textTable(rows: readonly BenchRow[]): string {
  const lines = [header, ...rows.map(cellsOf)];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function markdownTable(rows: readonly BenchRow[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map((row) => line(cellsOf(row)))].join('\n');
}

/**
 * The document with what stands between `<!-- measured -->` or `<!-- measured SECTION -->` and the next end replaced.
 * @throws Error when a marker is missing
 */
export function replaceMeasured(document: string, content: string, section = ''): string {
  const [opening, closing] = [`<!-- measured${section && ` ${section}`} -->`, '<!-- /measured -->'];
  const from = document.indexOf(opening);
  const to = document.indexOf(closing, from);
  if (from < 0 || to < from)
    throw new Error(`docs/benchmarks.md needs the lines ${opening} and ${closing}, in this order.`);
  return `${document.slice(0, from + opening.length)}\n${content}\n${document.slice(to)}`;
}

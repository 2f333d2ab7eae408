/** Any CSV or TSV with a header line, through csv-parse: quotes, line breaks in quotes and byte order marks are its business. */
import { basename } from 'node:path';
import { CsvError, parse } from 'csv-parse';
import { bareItem, type Dataset } from './dataset.ts';
import { DataError } from './error.ts';
import { lineBatches, openBytes, readError } from './lines.ts';
import { collectRows, type RowOptions } from './rows.ts';

/** Names of columns in the header. */
export interface ColumnNames {
  readonly user?: string;
  readonly item?: string;
  readonly rating?: string;
  readonly timestamp?: string;
}

const usualNames = {
  user: ['user', 'user_id', 'userid', 'reviewer_id', 'visitorid'],
  item: ['item', 'item_id', 'itemid', 'movie_id', 'movieid', 'product_id', 'productid', 'parent_asin', 'asin'],
  rating: ['rating', 'score', 'stars'],
  timestamp: ['timestamp', 'time', 'unix_timestamp', 'unixtime'],
} as const;

/** Where a column stands; -1 for an optional one that is not there. */
function placeOf(file: string, header: readonly string[], role: keyof ColumnNames, given: string | undefined): number {
  const names: readonly string[] = given === undefined ? usualNames[role] : [given];
  for (const name of names) {
    const place = header.findIndex((cell) => (given === undefined ? cell.trim().toLowerCase() : cell.trim()) === name);
    if (place >= 0) return place;
  }
  if (given === undefined && (role === 'rating' || role === 'timestamp')) return -1;
  throw new DataError({
    file,
    line: 1,
    problem: `the header has no column for the ${role} (it has ${header.slice(0, 20).join(', ')})`,
    expected: given === undefined ? `one of ${names.join(', ')}` : `a column ${given}`,
    remedy: `Add a header line, or name the column (columns.${role})`,
  });
}

/** The most frequent of tab, comma and semicolon in the header line. */
async function delimiterOf(file: string): Promise<string> {
  for await (const [line] of lineBatches(file)) {
    if (line === undefined) continue;
    const count = (delimiter: string) => line.split(delimiter).length;
    return ['\t', ',', ';'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
  }
  throw new DataError({
    file,
    problem: 'the file is empty',
    expected: 'a header line and rows',
    remedy: 'Give a file with data',
  });
}

/** csv-parse's own errors (an unclosed quote, say) as ours; its message is left out, since it quotes the record. */
function separatedError(file: string, error: unknown): unknown {
  if (!(error instanceof CsvError)) return readError(file, error);
  const lines: unknown = 'lines' in error ? error.lines : undefined;
  return new DataError({
    file,
    ...(typeof lines === 'number' ? { line: lines } : {}),
    problem: `not readable as separated values (${error.code})`,
    expected: 'fields between delimiters, with closed double quotes',
    remedy: 'Correct the quoting, or skip bad rows (skipBadRows, --skip-bad-rows)',
  });
}

/**
 * @param options.columns names in the header; by default user, item, rating and timestamp under their usual names. Without a
 *   rating every row is an interaction; without a timestamp the rows are in order.
 * @throws DataError
 */
export async function loadSeparated(
  file: string,
  options: RowOptions & { readonly columns?: ColumnNames } = {},
): Promise<Dataset> {
  const { columns = {}, skipBadRows = false } = options;
  const rows = collectRows(file, options);
  const parser = parse({
    bom: true,
    delimiter: await delimiterOf(file),
    info: true,
    max_record_size: 1 << 20,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: skipBadRows,
    on_skip: (error) => {
      rows.refuse(Number(error?.lines), 'not readable as separated values', 'closed double quotes');
      return undefined;
    },
  });
  const bytes = openBytes(file);
  bytes.on('error', (error) => parser.destroy(error));

  let header: readonly string[] | undefined;
  let places = { user: -1, item: -1, rating: -1, timestamp: -1 };
  try {
    for await (const { record, info } of bytes.pipe(parser) as AsyncIterable<{
      record: readonly string[];
      info: { lines: number };
    }>) {
      if (header === undefined) {
        header = record;
        places = {
          user: placeOf(file, record, 'user', columns.user),
          item: placeOf(file, record, 'item', columns.item),
          rating: placeOf(file, record, 'rating', columns.rating),
          timestamp: placeOf(file, record, 'timestamp', columns.timestamp),
        };
        continue;
      }
      if (record.length !== header.length) {
        rows.refuse(info.lines, `${record.length} fields`, `${header.length} as the header`);
        continue;
      }
      // A place of -1 reads undefined: the file has no such column.
      const { user, item, rating, timestamp } = places;
      rows.take(
        { user: record[user], item: record[item], rating: record[rating], timestamp: record[timestamp] },
        info.lines,
      );
    }
  } catch (error) {
    throw separatedError(file, error);
  }
  const name = basename(file).replace(/\.[^.]*(\.gz)?$/, '');
  return rows.finish(name, basename(file), (ids) => ids.map(bareItem));
}

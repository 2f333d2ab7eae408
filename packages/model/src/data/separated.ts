/** Any CSV or TSV with a header line, through csv-parse: quotes, line breaks in quotes and byte order marks are its business. */
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
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
    // Its cells are not named: in a file without a header they are somebody's interaction.
    problem: `the first line has no column for the ${role}`,
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

/**
 * csv-parse's own errors as ours. They end the reading, also where bad rows are skipped: past a quote that is never closed
 * nobody can tell what is a row. Its message is left out, since it quotes the record.
 */
function separatedError(file: string, line: number, error: unknown): unknown {
  if (!(error instanceof CsvError)) return readError(file, error);
  const unclosed = error.code === 'CSV_QUOTE_NOT_CLOSED' || error.code === 'CSV_MAX_RECORD_SIZE';
  return new DataError({
    file,
    line,
    problem: unclosed ? 'the record that begins here never closes its quote' : `not separated values (${error.code})`,
    expected: 'fields between delimiters, double quotes in pairs',
    remedy: 'Correct the quoting',
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
  const { columns = {} } = options;
  let lastLine = 0;
  const rows = collectRows(file, options);
  let header: readonly string[] | undefined;
  let places = { user: -1, item: -1, rating: -1, timestamp: -1 };

  function takeRecord(record: readonly string[], line: number): void {
    lastLine = line;
    if (header === undefined) {
      header = record;
      places = {
        user: placeOf(file, record, 'user', columns.user),
        item: placeOf(file, record, 'item', columns.item),
        rating: placeOf(file, record, 'rating', columns.rating),
        timestamp: placeOf(file, record, 'timestamp', columns.timestamp),
      };
      return;
    }
    if (record.length !== header.length) {
      rows.refuse(line, `${record.length} fields`, `${header.length} as the header`);
      return;
    }
    // A place of -1 reads undefined: the file has no such column.
    const { user, item, rating, timestamp } = places;
    rows.take({ user: record[user], item: record[item], rating: record[rating], timestamp: record[timestamp] }, line);
  }

  const parser = parse({
    bom: true,
    delimiter: await delimiterOf(file),
    max_record_size: 1 << 20,
    // Records are taken here, in the parser's own order, rather than from its output, which an error further on overtakes.
    on_record: (record: string[], { lines }) => {
      takeRecord(record, lines);
      return null;
    },
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    // A quote inside a field is text. (Skipping such records instead would swallow the good ones after them.)
    relax_quotes: true,
    skip_empty_lines: true,
  });
  try {
    await pipeline(openBytes(file), parser.resume());
  } catch (error) {
    throw separatedError(file, lastLine + 1, error);
  }
  const name = basename(file).replace(/\.[^.]*(\.gz)?$/, '');
  return rows.finish(name, basename(file), (ids) => ids.map(bareItem));
}

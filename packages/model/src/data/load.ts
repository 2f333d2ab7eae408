/** Finds out what a folder or a file holds and loads it. */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Dataset } from './dataset.ts';
import { DataError } from './error.ts';
import { readError } from './lines.ts';
import { loadMovieLens1m, loadMovieLens1mCompact } from './movielens-1m.ts';
import { loadMovieLens100k } from './movielens-100k.ts';
import { loadRecBole } from './recbole.ts';
import type { RowOptions } from './rows.ts';
import { type ColumnNames, loadSeparated } from './separated.ts';

export interface LoadOptions extends RowOptions {
  /** Names of the columns of a CSV or TSV file; where not given, usual names are looked for. */
  readonly columns?: ColumnNames;
}

type Format =
  | { readonly kind: 'movielens-100k' | 'movielens-1m' | 'movielens-1m-compact'; readonly folder: string }
  | { readonly kind: 'recbole' | 'separated'; readonly file: string };

const expected =
  'MovieLens (u.data, ratings.dat, or ratings.tsv and items.tsv), one RecBole .inter file, or one .csv or .tsv file';

/** The format by file names alone; a file whose columns are named is CSV or TSV whatever it is called. */
function detectFormat(path: string, columnsNamed: boolean): Format {
  let isFolder: boolean;
  let names: string[];
  try {
    isFolder = statSync(path).isDirectory();
    names = isFolder ? readdirSync(path) : [basename(path)];
  } catch (error) {
    throw readError(path, error);
  }
  if (columnsNamed && !isFolder) return { kind: 'separated', file: path };
  const folder = isFolder ? path : dirname(path);
  const has = (name: string) => names.includes(name) || names.includes(`${name}.gz`);
  if (has('u.data')) return { kind: 'movielens-100k', folder };
  if (has('ratings.dat')) return { kind: 'movielens-1m', folder };
  if (has('ratings.tsv') && has('items.tsv')) return { kind: 'movielens-1m-compact', folder };

  const inter = names.filter((name) => /\.inter(\.gz)?$/.test(name));
  const separated = names.filter((name) => /\.(csv|tsv)(\.gz)?$/i.test(name));
  const found = inter.length > 0 ? inter : separated;
  if (found.length === 1) {
    return { kind: inter.length > 0 ? 'recbole' : 'separated', file: join(folder, found[0]) };
  }
  const problem =
    found.length === 0 ? 'no data set of a known format' : `several data files (${found.toSorted().join(', ')})`;
  throw new DataError({ file: path, problem, expected, remedy: 'Name the file itself, with a known ending' });
}

/**
 * Loads interactions and what is known of the items. Known are MovieLens 100K and 1M in their original files, 1M in its compact
 * form, RecBole atomic files (`.inter`, with `.item` beside it), and any CSV or TSV with named columns; each may be gzipped.
 *
 * @param path a folder, or one file
 * @throws DataError for a missing, damaged or empty file and, unless `skipBadRows`, at the first bad row
 */
export async function loadDataset(path: string, options: LoadOptions = {}): Promise<Dataset> {
  const format = detectFormat(path, options.columns !== undefined);
  switch (format.kind) {
    case 'movielens-100k':
      return loadMovieLens100k(format.folder, options);
    case 'movielens-1m':
      return loadMovieLens1m(format.folder, options);
    case 'movielens-1m-compact':
      return loadMovieLens1mCompact(format.folder, options);
    case 'recbole':
      return loadRecBole(format.file, options);
    case 'separated':
      return loadSeparated(format.file, options);
  }
}

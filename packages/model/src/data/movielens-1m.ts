/** MovieLens 1M: the original ratings.dat and movies.dat, or tab-separated ratings.tsv(.gz) and items.tsv(.gz). */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bareItem, type Dataset, type Item } from './dataset.ts';
import { DataError } from './error.ts';
import { forEachLine, plainOrGzipped } from './lines.ts';
import { collectRows, type RowCollector, type RowOptions } from './rows.ts';

export const movieLensSource =
  'MovieLens, GroupLens Research (Harper and Konstan 2015, doi:10.1145/2827872); research use, no redistribution';

/** Splits the lines of a headed tab-separated file and hands over the wanted columns. */
async function forEachTabbed(
  file: string,
  columns: readonly string[],
  visit: (cells: readonly string[], line: number) => void,
  refuse: (line: number, problem: string, expected: string) => void,
): Promise<void> {
  let places: number[] = [];
  let fields = 0;
  await forEachLine(file, 'utf-8', (line, number) => {
    const cells = line.split('\t');
    if (number === 1) {
      fields = cells.length;
      places = columns.map((column) => cells.indexOf(column));
      const missing = columns.filter((_, index) => places[index] < 0);
      if (missing.length === 0) return;
      const problem = `the header lacks ${missing.join(', ')}`;
      const expected = `the columns ${columns.join(', ')} between tabs`;
      throw new DataError({ file, line: 1, problem, expected, remedy: 'Add the header line' });
    }
    if (line === '') return;
    if (cells.length !== fields)
      return refuse(number, `${cells.length} fields between tabs`, `${fields} as the header`);
    visit(
      places.map((place) => cells[place]),
      number,
    );
  });
}

/** Original layout, `::` between fields. Items are the rated movies, in the order in which they first appear. */
export async function loadMovieLens1m(folder: string, options: RowOptions = {}): Promise<Dataset> {
  const file = plainOrGzipped(folder, 'ratings.dat');
  const rows = collectRows(file, options);
  await forEachLine(file, 'iso-8859-1', (line, number) => {
    if (line === '') return;
    const cells = line.split('::');
    if (cells.length !== 4) {
      return rows.refuse(number, `${cells.length} fields between "::"`, '4 (user, movie, rating, timestamp)');
    }
    rows.take({ user: cells[0], item: cells[1], rating: cells[2], timestamp: cells[3] }, number);
  });
  const movies = await readMovies(folder);
  return rows.finish('movielens-1m', movieLensSource, (ids) => ids.map((id) => movies.get(id) ?? bareItem(id)));
}

async function readMovies(folder: string): Promise<Map<string, Item>> {
  const file = join(folder, 'movies.dat');
  const movies = new Map<string, Item>();
  if (!existsSync(file)) return movies;
  await forEachLine(file, 'iso-8859-1', (line, number) => {
    if (line === '') return;
    const cells = line.split('::');
    if (cells.length !== 3) {
      const problem = `${cells.length} fields between "::"`;
      const remedy = 'Use the original movies.dat';
      throw new DataError({ file, line: number, problem, expected: '3 (movie, title, genres)', remedy });
    }
    const [id, title, genres] = cells;
    movies.set(id, { id, title, attributes: genres.split('|'), description: '' });
  });
  return movies;
}

/**
 * Compact layout: ratings with every rating's `position` in its user's order in time, items in the numbering of He et al. (2017).
 * Users are in the order of their ids, so that both indices equal those of He et al.'s split (`loadNcfSplit`).
 */
export async function loadMovieLens1mCompact(folder: string, options: RowOptions = {}): Promise<Dataset> {
  const itemFile = plainOrGzipped(folder, 'items.tsv');
  const items: Item[] = [];
  await forEachTabbed(
    itemFile,
    ['item', 'movie_id', 'title', 'genres', 'plot'],
    ([index, id, title, genres, description], line) => {
      if (index !== String(items.length)) {
        const problem = 'the item is not the next in order';
        const remedy = 'Sort the file by item';
        throw new DataError({ file: itemFile, line, problem, expected: `item ${items.length}`, remedy });
      }
      items.push({ id, title, attributes: genres.split('|'), description });
    },
    (line, problem, expected) => {
      throw new DataError({ file: itemFile, line, problem, expected, remedy: 'Correct the line' });
    },
  );

  const file = plainOrGzipped(folder, 'ratings.tsv');
  const rows: RowCollector = collectRows(
    file,
    options,
    items.map((item) => item.id),
  );
  await forEachTabbed(
    file,
    ['user_id', 'movie_id', 'rating', 'timestamp', 'position'],
    ([user, item, rating, timestamp, position], line) => rows.take({ user, item, rating, timestamp, position }, line),
    rows.refuse,
  );
  return rows.finish('movielens-1m', movieLensSource, () => items);
}

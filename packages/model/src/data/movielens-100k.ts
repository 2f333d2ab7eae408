/** MovieLens 100K in its original files: u.data, u.item (ISO-8859-1), u.genre. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bareItem, type Dataset, type Item } from './dataset.ts';
import { DataError } from './error.ts';
import { forEachLine, plainOrGzipped } from './lines.ts';
import { movieLensSource } from './movielens-1m.ts';
import { collectRows, type RowOptions } from './rows.ts';

const fieldsBeforeGenres = 5;

async function readGenres(folder: string): Promise<string[]> {
  const file = join(folder, 'u.genre');
  const genres: string[] = [];
  await forEachLine(file, 'iso-8859-1', (line, number) => {
    if (line === '') return;
    const [name, index] = line.split('|');
    if (index !== String(genres.length)) {
      const remedy = 'Use the original u.genre';
      throw new DataError({ file, line: number, problem: 'not the next genre', expected: '"name|index"', remedy });
    }
    genres.push(name);
  });
  return genres;
}

async function readItems(folder: string): Promise<Item[]> {
  const genres = await readGenres(folder);
  const file = join(folder, 'u.item');
  const fields = fieldsBeforeGenres + genres.length;
  const items: Item[] = [];
  await forEachLine(file, 'iso-8859-1', (line, number) => {
    if (line === '') return;
    const cells = line.split('|');
    if (cells.length !== fields) {
      const problem = `${cells.length} fields between "|"`;
      const expected = `${fields} (id, title, two dates, address, ${genres.length} genres)`;
      throw new DataError({ file, line: number, problem, expected, remedy: 'Use the original u.item' });
    }
    const attributes = genres.filter((_, genre) => cells[fieldsBeforeGenres + genre] === '1');
    items.push({ id: cells[0], title: cells[1], attributes, description: '' });
  });
  return items;
}

/**
 * Items stand in the order of u.item (index = id - 1) and users in the order of their ids (index = id - 1). Without u.item, items
 * have only their ids.
 *
 * @throws DataError
 */
export async function loadMovieLens100k(folder: string, options: RowOptions = {}): Promise<Dataset> {
  const items = existsSync(join(folder, 'u.item')) ? await readItems(folder) : undefined;
  const file = plainOrGzipped(folder, 'u.data');
  const rows = collectRows(
    file,
    options,
    items?.map((item) => item.id),
  );
  await forEachLine(file, 'iso-8859-1', (line, number) => {
    if (line === '') return;
    const cells = line.split('\t');
    if (cells.length !== 4) {
      return rows.refuse(number, `${cells.length} fields between tabs`, '4 (user, item, rating, timestamp)');
    }
    rows.take({ user: cells[0], item: cells[1], rating: cells[2], timestamp: cells[3] }, number);
  });
  return rows.finish('movielens-100k', movieLensSource, (ids) => items ?? ids.map(bareItem));
}

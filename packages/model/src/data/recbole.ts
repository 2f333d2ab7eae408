/** RecBole atomic files: `.inter` and, beside it, `.item` (recbole.io, "Atomic Files"): tab-separated, typed header. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { bareItem, type Dataset, type Item } from './dataset.ts';
import { DataError } from './error.ts';
import { forEachLine } from './lines.ts';
import { collectRows, type RowOptions } from './rows.ts';

interface Column {
  readonly name: string;
  readonly type: string;
}

const types = ['token', 'token_seq', 'float', 'float_seq'];

function parseHeader(file: string, line: string): Column[] {
  return line.split('\t').map((cell) => {
    const [name, type] = cell.split(':');
    if (name !== '' && types.includes(type)) return { name, type };
    const problem = 'the header is not typed';
    const expected = '"name:type" between tabs, the type one of token, token_seq, float, float_seq';
    throw new DataError({ file, line: 1, problem, expected, remedy: 'Add the typed header line of an atomic file' });
  });
}

function require(file: string, columns: readonly Column[], name: string): number {
  const place = columns.findIndex((column) => column.name === name);
  if (place >= 0) return place;
  const problem = `the header lacks ${name}`;
  const remedy = 'Rename the column in the header';
  throw new DataError({ file, line: 1, problem, expected: `a column ${name}:token`, remedy });
}

/** Title, description and attributes out of whatever columns there are, by their usual names. */
function itemReader(columns: readonly Column[], id: number): (cells: readonly string[]) => Item {
  const find = (pattern: RegExp) => columns.findIndex((column, place) => place !== id && pattern.test(column.name));
  const title = find(/title|name/i);
  const description = find(/description|plot|summary|overview/i);
  const attributes = columns.flatMap((column, place) =>
    ![id, title, description].includes(place) && column.type.startsWith('token') ? [{ place, type: column.type }] : [],
  );
  return (cells) => ({
    id: cells[id],
    title: cells[title] || cells[id],
    attributes: attributes.flatMap(({ place, type }) =>
      (type === 'token_seq' ? cells[place].split(' ') : [cells[place]]).filter((value) => value !== ''),
    ),
    description: cells[description] ?? '',
  });
}

async function readItems(file: string): Promise<Map<string, Item>> {
  const items = new Map<string, Item>();
  if (!existsSync(file)) return items;
  let fields = 0;
  let id = 0;
  let read: (cells: readonly string[]) => Item = () => bareItem('');
  await forEachLine(file, 'utf-8', (line, number) => {
    if (number === 1) {
      const columns = parseHeader(file, line);
      fields = columns.length;
      id = require(file, columns, 'item_id');
      read = itemReader(columns, id);
      return;
    }
    if (line === '') return;
    const cells = line.split('\t');
    if (cells.length !== fields) {
      const problem = `${cells.length} fields between tabs`;
      throw new DataError({
        file,
        line: number,
        problem,
        expected: `${fields} as the header`,
        remedy: 'Correct the line',
      });
    }
    items.set(cells[id], read(cells));
  });
  return items;
}

/**
 * @param file the `.inter` file: user_id:token, item_id:token and, if there, rating:float and timestamp:float
 * @throws DataError
 */
export async function loadRecBole(file: string, options: RowOptions = {}): Promise<Dataset> {
  const rows = collectRows(file, options);
  let columns: Column[] = [];
  const places = { user: 0, item: 0, rating: -1, timestamp: -1 };
  await forEachLine(file, 'utf-8', (line, number) => {
    if (number === 1) {
      columns = parseHeader(file, line);
      places.user = require(file, columns, 'user_id');
      places.item = require(file, columns, 'item_id');
      places.rating = columns.findIndex((column) => column.name === 'rating');
      places.timestamp = columns.findIndex((column) => column.name === 'timestamp');
      return;
    }
    if (line === '') return;
    const cells = line.split('\t');
    if (cells.length !== columns.length) {
      return rows.refuse(number, `${cells.length} fields between tabs`, `${columns.length} as the header`);
    }
    const { user, item, rating, timestamp } = places;
    // An index of -1 reads undefined: the format has no such column.
    rows.take({ user: cells[user], item: cells[item], rating: cells[rating], timestamp: cells[timestamp] }, number);
  });
  const items = await readItems(file.replace(/\.inter(\.gz)?$/, '.item'));
  const name = basename(file).replace(/\.inter(\.gz)?$/, '');
  return rows.finish(name, basename(file), (ids) => ids.map((id) => items.get(id) ?? bareItem(id)));
}

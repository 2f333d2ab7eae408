/** Checks one row of interactions at the boundary and collects what holds; every text loader goes through here. */
import type { Dataset, Item } from './dataset.ts';
import { DataError } from './error.ts';
import { identifiers } from './identifiers.ts';
import { interactionRows } from './interactions.ts';

export interface RowOptions {
  /** Leave bad rows out and count them in `Dataset.skippedRows`, instead of throwing at the first. */
  readonly skipBadRows?: boolean;
  /** Only ratings of at least this many points are interactions; by default all are. */
  readonly minimumRating?: number;
}

/** Fields of a row as text. `undefined`: the format has no such column. */
export interface RawRow {
  readonly user: string | undefined;
  readonly item: string | undefined;
  readonly rating: string | undefined;
  readonly timestamp: string | undefined;
  /** What orders a user's rows, where that is not the timestamp. */
  readonly position?: string | undefined;
}

export interface RowCollector {
  /** Takes a row, or refuses it. */
  take(row: RawRow, line: number): void;
  /** Refuses a row for a reason that the format knows. */
  refuse(line: number, problem: string, expected: string): void;
  /** @throws DataError when no interaction is left */
  finish(name: string, source: string, items: (ids: readonly string[]) => readonly Item[]): Dataset;
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}

/**
 * Users get their indices in the ascending order of their ids where all ids are numbers, else in the order of appearance.
 *
 * @param known the catalogue's ids, when items get their indices from the catalogue; else from the order of first appearance
 */
export function collectRows(
  file: string,
  { skipBadRows = false, minimumRating = Number.NEGATIVE_INFINITY }: RowOptions,
  known?: readonly string[],
): RowCollector {
  const users = identifiers();
  const items = identifiers();
  for (const id of known ?? []) items.indexOf(id);
  const rows = interactionRows();
  let skippedRows = 0;
  let belowMinimum = 0;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;

  function refuse(line: number, problem: string, expected: string): void {
    if (!skipBadRows) {
      const remedy = 'Correct the line, or skip bad rows (skipBadRows, --skip-bad-rows)';
      throw new DataError({ file, line, problem, expected, remedy });
    }
    skippedRows++;
  }

  return {
    refuse,
    take({ user, item, rating, timestamp, position = timestamp }, line) {
      if (user === undefined || user === '') return refuse(line, 'the user is missing', 'an id');
      if (item === undefined || item === '') return refuse(line, 'the item is missing', 'an id');
      if (rating !== undefined && !isNumber(rating)) return refuse(line, 'the rating is not a number', 'a number');
      if (timestamp !== undefined && !isNumber(timestamp)) {
        return refuse(line, 'the timestamp is not a number', 'a number, such as seconds since 1970');
      }
      if (position !== undefined && !isNumber(position)) {
        return refuse(line, 'the position is not a number', 'a whole number from 0');
      }
      if (known !== undefined && items.find(item) === undefined) {
        return refuse(line, 'the item is not in the catalogue', 'an id of the item file');
      }
      if (rating !== undefined && Number(rating) < minimumRating) {
        belowMinimum++;
        return;
      }
      if (timestamp !== undefined) {
        first = Math.min(first, Number(timestamp));
        last = Math.max(last, Number(timestamp));
      }
      rows.add(users.indexOf(user), items.indexOf(item), position === undefined ? 0 : Number(position));
    },
    finish(name, source, describe) {
      if (rows.count === 0) {
        const problem = `no interaction is left (${skippedRows} bad rows, ${belowMinimum} below the minimum rating)`;
        const remedy = 'Give a file with data, or a lower minimumRating';
        throw new DataError({ file, problem, expected: 'at least one interaction', remedy });
      }
      const userIds = users.ids.every(isNumber) ? users.ids.toSorted((a, b) => Number(a) - Number(b)) : users.ids;
      const newIndex = new Map(userIds.map((id, index) => [id, index]));
      rows.renumberUsers(Uint32Array.from(users.ids, (id) => newIndex.get(id) ?? 0));
      return {
        name,
        source,
        userIds,
        items: describe(items.ids),
        interactions: rows.compress(userIds.length, items.ids.length),
        ...(first <= last ? { timeSpan: { first, last } } : {}),
        skippedRows,
      };
    },
  };
}

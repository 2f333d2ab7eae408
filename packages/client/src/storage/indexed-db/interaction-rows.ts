/** Interactions as rows of the database: one each as they are tracked, and packed by the thousand when they are read. */
import type { StoredInteraction } from '../storage.ts';

/** Events of a packed row. */
export const packedEvents = 2000;
/** Rows with room that are left as they are: packing costs a transaction. */
const looseRows = 256;

export interface InteractionRow {
  readonly key: number;
  readonly events: readonly StoredInteraction[];
}

/** Rows that become one, under the key of the first. */
export interface PackedRow {
  readonly keys: readonly number[];
  readonly events: readonly StoredInteraction[];
}

/** Rows that hold nothing but what is to go, and what is left of the row that the cut goes through. */
export interface RowsToCut {
  readonly removed: readonly number[];
  /** Undefined where the cut is between two rows. */
  readonly shortened: InteractionRow | undefined;
}

/** What to do to rows in their order so that the `count` latest events stay. */
export function rowsToCut(rows: readonly InteractionRow[], count: number): RowsToCut {
  let excess = rows.reduce((sum, { events }) => sum + events.length, 0) - count;
  const removed: number[] = [];
  for (const { key, events } of rows) {
    if (excess <= 0) break;
    if (events.length > excess) return { removed, shortened: { key, events: events.slice(excess) } };
    removed.push(key);
    excess -= events.length;
  }
  return { removed, shortened: undefined };
}

/** What to pack of rows in their order; neighbours alone are packed, so that the order stays. */
export function rowsToPack(rows: readonly InteractionRow[]): readonly PackedRow[] {
  if (rows.filter(({ events }) => events.length < packedEvents).length <= looseRows) return [];
  const packed: { keys: number[]; events: StoredInteraction[] }[] = [];
  for (const { key, events } of rows) {
    const last = packed.at(-1);
    if (last !== undefined && last.events.length + events.length <= packedEvents) {
      last.keys.push(key);
      last.events.push(...events);
    } else packed.push({ keys: [key], events: [...events] });
  }
  return packed.filter(({ keys }) => keys.length > 1);
}

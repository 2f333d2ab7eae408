/** Attributes of items as sparse rows: most are absent from most items. */
import type { Regressors } from '../../implicit-als/shrinkage.ts';

/** Below it an entry counts as none: the far ends of bumps, which are never quite zero. */
const leastEntry = 0.05;

export interface AttributeRows {
  readonly columns: number;
  /** [items + 1]: entries of item i are offsets[i] .. offsets[i + 1] - 1. */
  readonly offsets: Uint32Array;
  readonly columnOf: Uint32Array;
  readonly values: Float32Array;
}

export function attributeRows({ columns, values }: Regressors): AttributeRows {
  const items = values.length / columns;
  const offsets = new Uint32Array(items + 1);
  const columnOf: number[] = [];
  const kept: number[] = [];
  for (let item = 0; item < items; item++) {
    for (let column = 0; column < columns; column++) {
      const value = values[item * columns + column];
      if (Math.abs(value) < leastEntry) continue;
      columnOf.push(column);
      kept.push(value);
    }
    offsets[item + 1] = kept.length;
  }
  return { columns, offsets, columnOf: Uint32Array.from(columnOf), values: Float32Array.from(kept) };
}

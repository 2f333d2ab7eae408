/** The fused vectors of one model version, each computed when it is first asked for and then kept for all that follow. */
import { splitShared } from '../../local-sgd/model.ts';
import { type FusionInputs, type FusionParameters, fuseRows, type UnfusedRows } from './fusion.ts';
import type { OnDeviceModel } from './model.ts';
import type { RowEncodings } from './row-encodings.ts';

export interface FusedTable {
  /** What fused vectors of these items are made of. */
  unfused(items: Uint32Array): UnfusedRows;
  /** [items.length, w] */
  rows(items: Uint32Array): Float32Array;
  /** The scorer's item tables for all items: fused ones first, the others as they are shared. */
  tables(): readonly Float32Array[];
}

export function fusedTable(
  { scoring, width, specification }: OnDeviceModel,
  shared: Float32Array,
  fusion: FusionParameters,
  inputs: FusionInputs,
  encodings: RowEncodings | null,
): FusedTable {
  const { itemCount } = specification;
  const own = splitShared(scoring.model, shared).tables;
  const widths = scoring.model.tableWidths.slice(0, scoring.fusedTables);
  const fused = new Float32Array(itemCount * width);
  const known = new Uint8Array(itemCount);
  let whole: readonly Float32Array[] | null = null;

  const unfused = (items: Uint32Array): UnfusedRows => {
    const ids = new Float32Array(items.length * width);
    widths.forEach((tableWidth, table) => {
      const offset = widths.slice(0, table).reduce((sum, before) => sum + before, 0);
      for (let row = 0; row < items.length; row++) {
        const from = items[row] * tableWidth;
        for (let k = 0; k < tableWidth; k++) ids[row * width + offset + k] = own[table][from + k];
      }
    });
    return { items, ids, texts: encodings?.of(items) ?? new Float32Array(0) };
  };

  const ensure = (items: Uint32Array) => {
    const missing = items.filter((item) => known[item] === 0);
    if (missing.length === 0) return;
    const made = fuseRows(unfused(missing), fusion, inputs);
    missing.forEach((item, row) => {
      fused.set(made.subarray(row * width, (row + 1) * width), item * width);
      known[item] = 1;
    });
  };

  return {
    unfused,
    rows(items) {
      ensure(items);
      const found = new Float32Array(items.length * width);
      for (let row = 0; row < items.length; row++) {
        for (let k = 0; k < width; k++) found[row * width + k] = fused[items[row] * width + k];
      }
      return found;
    },
    tables() {
      if (!whole) {
        ensure(Uint32Array.from({ length: itemCount }, (_, item) => item));
        whole = [...splitColumns(fused, widths), ...own.slice(widths.length)];
      }
      return whole;
    },
  };
}

/** Columns of a [rows, sum of widths] table as tables of their own. */
export function splitColumns(table: Float32Array, widths: readonly number[]): Float32Array[] {
  if (widths.length === 1) return [table];
  const whole = widths.reduce((sum, width) => sum + width, 0);
  const rows = table.length / whole;
  let offset = 0;
  return widths.map((width) => {
    const part = new Float32Array(rows * width);
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < width; k++) part[row * width + k] = table[row * whole + offset + k];
    }
    offset += width;
    return part;
  });
}

/** The inverse of `splitColumns`. */
export function joinColumns(tables: readonly Float32Array[], widths: readonly number[]): Float32Array {
  if (tables.length === 1) return tables[0];
  const whole = widths.reduce((sum, width) => sum + width, 0);
  const rows = tables[0].length / widths[0];
  const joined = new Float32Array(rows * whole);
  let offset = 0;
  tables.forEach((table, t) => {
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < widths[t]; k++) joined[row * whole + offset + k] = table[row * widths[t] + k];
    }
    offset += widths[t];
  });
  return joined;
}

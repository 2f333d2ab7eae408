/** The fused vectors of one model version, each computed when it is first asked for and then kept for all that follow. */
import { splitShared } from '../../local-sgd/model.ts';
import { gatherRows, splitColumns } from './columns.ts';
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
    let offset = 0;
    widths.forEach((tableWidth, table) => {
      gatherRows(own[table], tableWidth, items, ids, offset, width);
      offset += tableWidth;
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
      gatherRows(fused, width, items, found, 0, width);
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

/** The compact copy of the shared parameters that a device trains on, and the delta that comes out of it. */
import type { ContributionPart, LocalContribution } from '../contribution.ts';
import type { LocalParameters } from './backend.ts';
import { type LocalSgdModel, splitShared } from './model.ts';

/** Copies the touched rows and all dense parameters; O(rows) whatever the size of the catalogue. */
export function gatherParameters(
  model: Pick<LocalSgdModel, 'layout' | 'tableWidths'>,
  shared: Float32Array,
  rows: Uint32Array,
  privateVector: Float32Array,
): LocalParameters {
  const { tables, dense } = splitShared(model, shared);
  return {
    tables: tables.map((table, t) => {
      const width = model.tableWidths[t];
      const compact = new Float32Array(rows.length * width);
      for (let r = 0; r < rows.length; r++) {
        const from = rows[r] * width;
        for (let k = 0; k < width; k++) compact[r * width + k] = table[from + k];
      }
      return compact;
    }),
    dense: dense.map((values) => values.slice()),
    privateVector,
  };
}

/** What training moved: moved - shared, in compact form. Turns `moved` into the delta in place. */
export function deltaOf(
  model: Pick<LocalSgdModel, 'layout' | 'tableWidths'>,
  shared: Float32Array,
  rows: Uint32Array,
  moved: LocalParameters,
): LocalContribution {
  const { tensors, size } = model.layout;
  const tableCount = model.tableWidths.length;
  const parts = tensors.map(({ offset }, t): ContributionPart => {
    if (t >= tableCount) {
      const values = moved.dense[t - tableCount];
      for (let i = 0; i < values.length; i++) values[i] -= shared[offset + i];
      return { kind: 'dense', offset, values };
    }
    const values = moved.tables[t];
    const rowSize = model.tableWidths[t];
    for (let r = 0; r < rows.length; r++) {
      const from = offset + rows[r] * rowSize;
      for (let k = 0; k < rowSize; k++) values[r * rowSize + k] -= shared[from + k];
    }
    return { kind: 'rows', offset, rowSize, rows, values };
  });
  return { size, parts };
}

/** Writes moved rows and dense parameters back where they came from. */
export function scatterParameters(
  model: Pick<LocalSgdModel, 'layout' | 'tableWidths'>,
  shared: Float32Array,
  rows: Uint32Array,
  moved: LocalParameters,
): void {
  const { tables, dense } = splitShared(model, shared);
  tables.forEach((table, t) => {
    const width = model.tableWidths[t];
    for (let r = 0; r < rows.length; r++) {
      table.set(moved.tables[t].subarray(r * width, (r + 1) * width), rows[r] * width);
    }
  });
  dense.forEach((values, t) => {
    values.set(moved.dense[t]);
  });
}

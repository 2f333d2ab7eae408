/** Tables of rows: some of their rows, and tables side by side as the columns of one. */

/** Rows of a table into columns [offset, offset + width) of rows that are `stride` apart. */
export function gatherRows(
  table: Float32Array,
  width: number,
  rows: Uint32Array,
  out: Float32Array,
  offset: number,
  stride: number,
): void {
  for (let row = 0; row < rows.length; row++) {
    const from = rows[row] * width;
    const to = row * stride + offset;
    for (let k = 0; k < width; k++) out[to + k] = table[from + k];
  }
}

/** Columns of a [rows, sum of widths] table as tables of their own. */
export function splitColumns(table: Float32Array, widths: readonly number[]): Float32Array[] {
  if (widths.length === 1) return [table];
  const stride = widths.reduce((sum, width) => sum + width, 0);
  let offset = 0;
  return widths.map((width) => {
    const part = new Float32Array((table.length / stride) * width);
    copyColumns(table, offset, stride, part, 0, width, width);
    offset += width;
    return part;
  });
}

/** The inverse of `splitColumns`. */
export function joinColumns(tables: readonly Float32Array[], widths: readonly number[]): Float32Array {
  if (tables.length === 1) return tables[0];
  const stride = widths.reduce((sum, width) => sum + width, 0);
  const joined = new Float32Array((tables[0].length / widths[0]) * stride);
  let offset = 0;
  for (const [t, table] of tables.entries()) {
    copyColumns(table, 0, widths[t], joined, offset, stride, widths[t]);
    offset += widths[t];
  }
  return joined;
}

function copyColumns(
  from: Float32Array,
  fromOffset: number,
  fromStride: number,
  to: Float32Array,
  toOffset: number,
  toStride: number,
  width: number,
): void {
  for (let x = fromOffset, y = toOffset; x < from.length; x += fromStride, y += toStride) {
    for (let k = 0; k < width; k++) to[y + k] = from[x + k];
  }
}

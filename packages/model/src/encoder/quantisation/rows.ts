/** Symmetric int8 quantisation with a scale for each row (per output channel; Jacob et al. 2018, section 2). */

export interface QuantisedRows {
  /** [rows * columns], in [-127, 127] */
  readonly values: Int8Array;
  /** [rows]; a value is its integer times its row's scale. */
  readonly scales: Float32Array;
  /** Root mean square of the difference, divided by that of the values; 0 where all are 0. */
  readonly relativeError: number;
}

/** @throws RangeError unless there are rows * columns finite values */
export function quantiseRows(values: Float32Array, rows: number, columns: number): QuantisedRows {
  if (values.length !== rows * columns) {
    throw new RangeError(`${values.length} values were given for ${rows} rows of ${columns}.`);
  }
  if (!values.every(Number.isFinite)) throw new RangeError('NaN or an infinity cannot be quantised.');
  const quantised = new Int8Array(values.length);
  const scales = new Float32Array(rows);
  let error = 0;
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const from = row * columns;
    let largest = 0;
    for (let i = from; i < from + columns; i++) largest = Math.max(largest, Math.abs(values[i]));
    // A row of zeros, or of numbers too small for a scale, is all 0.
    scales[row] = Math.fround(largest / 127);
    for (let i = from; i < from + columns; i++) {
      const level = scales[row] === 0 ? 0 : Math.round(values[i] / scales[row]);
      quantised[i] = Math.max(-127, Math.min(127, level));
      error += (values[i] - quantised[i] * scales[row]) ** 2;
      total += values[i] ** 2;
    }
  }
  return { values: quantised, scales, relativeError: total === 0 ? 0 : Math.sqrt(error / total) };
}

/** Values [rows * columns] of integers and their rows' scales [rows]. */
export function dequantiseRows(values: ArrayLike<number>, scales: Float32Array): Float32Array {
  const columns = scales.length === 0 ? 0 : values.length / scales.length;
  const out = new Float32Array(values.length);
  for (let row = 0; row < scales.length; row++) {
    for (let i = row * columns; i < (row + 1) * columns; i++) out[i] = values[i] * scales[row];
  }
  return out;
}

/** Where a person's vector starts from: what she has touched, and her own words. */
import { addScaled } from '../../local-sgd/vector.ts';
import type { fusionViews } from './model.ts';
import type { RowEncodings } from './row-encodings.ts';

export interface StartVector {
  /** [privateSize], the history's mean fused vector. */
  readonly pooled: Float32Array;
  /** [textWidth], the encoding of the person's own text. */
  readonly text: Float32Array | null;
  /** [privateSize]: pooled times its weight, and the text through its projection. */
  readonly vector: Float32Array;
}

/** @param mean [w] of the fused vectors of the history's items */
export function startVector(
  mean: Float32Array,
  text: Float32Array | null,
  fusion: Pick<ReturnType<typeof fusionViews>, 'historyWeight' | 'ownTextProjection'>,
  privateSize: number,
): StartVector {
  const pooled = mean.subarray(0, privateSize);
  const vector = new Float32Array(privateSize);
  addScaled(vector, 0, fusion.historyWeight[0], pooled, 0, privateSize);
  for (let k = 0; text && k < text.length; k++) {
    addScaled(vector, 0, text[k], fusion.ownTextProjection, k * privateSize, privateSize);
  }
  return { pooled, text, vector };
}

/** The encoding of the person's own text, null where there is none. @throws RangeError for the row of an item */
export function ownTextOf(
  encodings: RowEncodings | null,
  row: number | undefined,
  itemCount: number,
): Float32Array | null {
  if (!encodings || row === undefined) return null;
  if (row < itemCount) throw new RangeError(`A person's own text comes after the ${itemCount} items'; got row ${row}.`);
  return encodings.of(Uint32Array.of(row));
}

/** [w], zero for no rows. @param rows [n * w] */
export function meanOfRows(rows: Float32Array, width: number): Float32Array {
  const mean = new Float32Array(width);
  for (let at = 0; at < rows.length; at += width) addScaled(mean, 0, width / rows.length, rows, at, width);
  return mean;
}

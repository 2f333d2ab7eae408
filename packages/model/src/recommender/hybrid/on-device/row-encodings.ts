/** Encodings of items' texts, and of people's own, as a device's fusion sees them: about the catalogue's mean. */
import type { ItemEncodings } from '../../../encodings/item-encodings.ts';
import type { TrainableEncoder } from '../../../encodings/trainable-encoder.ts';
import { gatherRows } from './columns.ts';

export interface RowEncodings {
  readonly width: number;
  /** [rows.length * width], about the mean of the catalogue's encodings by the untrained encoder. */
  of(rows: Uint32Array): Float32Array;
}

/** [width]: mean encoding of the catalogue's items, the first rows. */
export function meanEncoding({ values, width }: Pick<ItemEncodings, 'values' | 'width'>, items: number): Float64Array {
  const mean = new Float64Array(width);
  for (let at = 0; at < items * width; at++) mean[at % width] += values[at] / items;
  return mean;
}

/** Encodings that were made once, about the mean from here on. */
export function frozenEncodings({ values, width }: ItemEncodings, mean: Float64Array): RowEncodings {
  const centred = new Float32Array(values.length);
  for (let at = 0; at < values.length; at++) centred[at] = values[at] - mean[at % width];
  return {
    width,
    of(rows) {
      const found = new Float32Array(rows.length * width);
      gatherRows(centred, width, rows, found, 0, width);
      return found;
    },
  };
}

/**
 * Encodings under one version of an adapter, each computed when it is first asked for, and alone: what a text's encoding is to the last
 * bit does not depend on which others were asked for with it, so that a simulation does not depend on its threads.
 */
export function adaptedEncodings(encoder: TrainableEncoder, adapter: Float32Array, mean: Float64Array): RowEncodings {
  const { width } = encoder;
  const known = new Map<number, Float32Array>();
  const encoded = (row: number): Float32Array => {
    const before = known.get(row);
    if (before) return before;
    const made = encoder.encode(adapter, Uint32Array.of(row)).map((value, k) => value - mean[k]);
    known.set(row, made);
    return made;
  };
  return {
    width,
    of(rows) {
      const found = new Float32Array(rows.length * width);
      rows.forEach((row, at) => {
        found.set(encoded(row), at * width);
      });
      return found;
    },
  };
}

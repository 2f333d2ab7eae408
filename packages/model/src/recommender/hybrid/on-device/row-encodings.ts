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

/** Encodings under one version of an adapter, each computed when it is first asked for. */
export function adaptedEncodings(encoder: TrainableEncoder, adapter: Float32Array, mean: Float64Array): RowEncodings {
  const { width } = encoder;
  const known = new Map<number, Float32Array>();
  return {
    width,
    of: (rows) => {
      const missing = Uint32Array.from(new Set(rows.filter((row) => !known.has(row))));
      if (missing.length > 0) {
        const encoded = encoder.encode(adapter, missing);
        missing.forEach((row, at) => {
          known.set(
            row,
            encoded.slice(at * width, (at + 1) * width).map((value, k) => value - mean[k]),
          );
        });
      }
      const found = new Float32Array(rows.length * width);
      rows.forEach((row, at) => found.set(known.get(row) ?? [], at * width));
      return found;
    },
  };
}

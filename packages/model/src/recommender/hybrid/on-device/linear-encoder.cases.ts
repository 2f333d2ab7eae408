/** The smallest encoder that can be trained: texts are rows x of a table, encodings are x W, and the adapter is W. */
import type { TrainableEncoder } from '../../../encodings/trainable-encoder.ts';

/** @param table [texts * width] */
export function linearEncoder(table: Float32Array, width: number): TrainableEncoder {
  const texts = table.length / width;
  const every = Uint32Array.from({ length: texts }, (_, row) => row);
  return {
    width,
    texts,
    adapterTensors: [{ name: 'w', shape: [width, width] }],
    initialAdapter: () => Float32Array.from({ length: width * width }, (_, at) => Number(at % (width + 1) === 0)),
    encode: (adapter, rows = every) => {
      const encoded = new Float32Array(rows.length * width);
      rows.forEach((row, at) => {
        for (let i = 0; i < width; i++) {
          for (let j = 0; j < width; j++) encoded[at * width + j] += table[row * width + i] * adapter[i * width + j];
        }
      });
      return encoded;
    },
    gradient: (_adapter, outputGradient, rows = every) => {
      const gradient = new Float32Array(width * width);
      rows.forEach((row, at) => {
        for (let i = 0; i < width; i++) {
          for (let j = 0; j < width; j++)
            gradient[i * width + j] += table[row * width + i] * outputGradient[at * width + j];
        }
      });
      return gradient;
    },
  };
}

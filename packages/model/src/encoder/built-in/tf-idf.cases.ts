/** The bag of words that the built-in encoder has to beat, at the same width. */
import { symmetricEigen } from '../../linear-algebra/symmetric-eigen.ts';

const wordsOf = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

function unit(row: Float32Array): Float32Array {
  const length = Math.hypot(...row);
  return length > 0 ? row.map((value) => value / length) : row;
}

/** Rows of unit length [texts][vocabulary]: (1 + ln tf) * (1 + ln((1 + n) / (1 + df))), scikit-learn's smooth idf. */
export function tfIdf(texts: readonly string[]): Float32Array[] {
  const bags = texts.map((text) => {
    const bag = new Map<string, number>();
    for (const word of wordsOf(text)) bag.set(word, (bag.get(word) ?? 0) + 1);
    return bag;
  });
  const documents = new Map<string, number>();
  for (const bag of bags) for (const word of bag.keys()) documents.set(word, (documents.get(word) ?? 0) + 1);
  const columns = new Map([...documents.keys()].map((word, column) => [word, column]));
  return bags.map((bag) => {
    const row = new Float32Array(columns.size);
    for (const [word, count] of bag) {
      const idf = 1 + Math.log((1 + texts.length) / (1 + (documents.get(word) ?? 0)));
      row[columns.get(word) ?? 0] = (1 + Math.log(count)) * idf;
    }
    return unit(row);
  });
}

/** Truncated singular value decomposition: projections onto the `width` leading right singular vectors. */
export function truncated(rows: readonly Float32Array[], width: number): Float32Array[] {
  const n = rows.length;
  const gram = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let dot = 0;
      for (let c = 0; c < rows[i].length; c++) dot += rows[i][c] * rows[j][c];
      gram[i * n + j] = gram[j * n + i] = dot;
    }
  }
  const { values, vectors } = symmetricEigen(gram, n);
  const leading = Array.from(values, (_, at) => at)
    .sort((a, b) => values[b] - values[a])
    .slice(0, width);
  return rows.map((_, row) =>
    unit(Float32Array.from(leading, (k) => Math.sqrt(Math.max(0, values[k])) * vectors[k * n + row])),
  );
}

/** Feature hashing (Weinberger et al. 2009): a column and a sign for each word, here a shuffle of the columns by a fixed multiplier. */
export function hashed(rows: readonly Float32Array[], width: number): Float32Array[] {
  return rows.map((row) => {
    const out = new Float32Array(width);
    row.forEach((value, column) => {
      const hash = Math.imul(column + 1, 0x9e3779b1) >>> 0;
      out[(hash >>> 8) % width] += hash & 1 ? value : -value;
    });
    return unit(out);
  });
}

/** Cosine of two bags of words as they are, where no reduction is asked for. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

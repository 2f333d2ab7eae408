/**
 * Cross-attention of a history on an item (a small one, as in Zhou et al. 2018 the history is read anew for every candidate):
 * logit = b + (u + sum_j a_j k_j) . z, a = softmax_j(beta k_j . z), the keys k_j being the fused vectors of the history's items. An
 * item does not attend to itself, or its own presence in the history would be what is learned.
 */
import { addScaled, dot } from '../../local-sgd/vector.ts';

/** Items of a history that are attended to, the latest. */
export const mostKeys = 32;

export interface Keys {
  /** Row of each key's item in the tables that candidates are of. */
  readonly rows: Uint32Array;
  /** [rows.length * w]; constant while a device trains on them. */
  readonly vectors: Float32Array;
}

export interface Attention {
  /** sum_j a_j k_j . z: what the history adds to the logit. */
  logit: number;
  /** [w], sum_j a_j k_j */
  readonly context: Float32Array;
  /** [w], gradient of `logit` with respect to z beyond the context: beta sum_j a_j (s_j - mean) k_j. */
  readonly pull: Float32Array;
  /** Gradient of `logit` with respect to beta. */
  sharpness: number;
}

/** @returns a function that reads the history for the candidate `z` at `at`; it writes to one place over and over. */
export function createAttention({ rows, vectors }: Keys, width: number) {
  const weights = new Float32Array(rows.length);
  const scores = new Float32Array(rows.length);
  const read: Attention = { logit: 0, sharpness: 0, context: new Float32Array(width), pull: new Float32Array(width) };
  return (z: Float32Array, at: number, row: number, beta: number): Attention => {
    let highest = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < rows.length; j++) {
      scores[j] = dot(vectors, j * width, z, at, width);
      if (rows[j] !== row) highest = Math.max(highest, beta * scores[j]);
    }
    let total = 0;
    for (let j = 0; j < rows.length; j++) {
      weights[j] = rows[j] === row ? 0 : Math.exp(beta * scores[j] - highest);
      total += weights[j];
    }
    read.logit = 0;
    read.sharpness = 0;
    read.context.fill(0);
    read.pull.fill(0);
    if (total === 0) return read;
    for (let j = 0; j < rows.length; j++) {
      weights[j] /= total;
      read.logit += weights[j] * scores[j];
    }
    for (let j = 0; j < rows.length; j++) {
      if (weights[j] === 0) continue;
      const excess = weights[j] * (scores[j] - read.logit);
      addScaled(read.context, 0, weights[j], vectors, j * width, width);
      addScaled(read.pull, 0, beta * excess, vectors, j * width, width);
      read.sharpness += excess * scores[j];
    }
    return read;
  };
}

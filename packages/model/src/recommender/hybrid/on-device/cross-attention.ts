/** Local steps and scoring of the `cross-attention` scorer. Tables: vectors [rows, w] and biases [rows]; dense: beta [1]. */
import type { LocalBackend } from '../../local-sgd/backend.ts';
import { createBatchSlots } from '../../local-sgd/batch-slots.ts';
import { crossEntropy, sigmoid } from '../../local-sgd/logistic.ts';
import { type FrozenScorer, reconstruct } from '../../local-sgd/scorer.ts';
import { addScaled, dot, scale } from '../../local-sgd/vector.ts';
import { createAttention, type Keys } from './attend.ts';

export function freezeCrossAttention(
  width: number,
  tables: readonly Float32Array[],
  dense: readonly Float32Array[],
  keys: Keys,
): FrozenScorer {
  const [vectors, biases] = tables;
  const [beta] = dense;
  const attend = createAttention(keys, width);
  const logitOf = (user: Float32Array, row: number) =>
    biases[row] + dot(user, 0, vectors, row * width, width) + attend(vectors, row * width, row, beta[0]).logit;
  return {
    score(user, out) {
      for (let row = 0; row < biases.length; row++) out[row] = logitOf(user, row);
    },
    addGradient(user, slots, labels, from, to, gradient) {
      for (let e = from; e < to; e++) {
        const error = sigmoid(logitOf(user, slots[e])) - labels[e];
        addScaled(gradient, 0, error, vectors, slots[e] * width, width);
      }
    },
  };
}

/** @param keys of the history, as they are before training */
export function crossAttentionBackend(width: number, keys: Keys): LocalBackend {
  return {
    run(
      { tables, dense, privateVector: user },
      passes,
      { batchSize, learningRate, privateLearningRate, regularisation },
    ) {
      const [vectors, biases] = tables;
      const [beta] = dense;
      const frozen = freezeCrossAttention(width, tables, dense, keys);
      const attend = createAttention(keys, width);
      const batch = createBatchSlots(biases.length, batchSize);
      const rowGradients = new Float32Array(batchSize * width);
      const biasGradients = new Float32Array(batchSize);
      const userGradient = new Float32Array(width);
      let loss = 0;
      let examples = 0;
      for (const { moves, slots, labels } of passes) {
        if (moves === 'private') {
          reconstruct(frozen, user, slots, labels, { batchSize, privateLearningRate, regularisation });
          continue;
        }
        examples += slots.length;
        for (let from = 0; from < slots.length; from += batchSize) {
          const to = Math.min(from + batchSize, slots.length);
          const rowCount = batch.read(slots, from, to);
          rowGradients.fill(0, 0, rowCount * width);
          biasGradients.fill(0, 0, rowCount);
          userGradient.fill(0);
          let sharpness = 0;
          for (let e = from; e < to; e++) {
            const at = slots[e] * width;
            const read = attend(vectors, at, slots[e], beta[0]);
            const logit = biases[slots[e]] + dot(user, 0, vectors, at, width) + read.logit;
            const error = sigmoid(logit) - labels[e];
            loss += crossEntropy(logit, labels[e]);
            const row = batch.position[e - from];
            addScaled(rowGradients, row * width, error, user, 0, width);
            addScaled(rowGradients, row * width, error, read.context, 0, width);
            addScaled(rowGradients, row * width, error, read.pull, 0, width);
            biasGradients[row] += error;
            sharpness += error * read.sharpness;
            addScaled(userGradient, 0, error, vectors, at, width);
          }
          const rate = learningRate / (to - from);
          for (let r = 0; r < rowCount; r++) {
            const slot = batch.distinct[r];
            const keep = 1 - rate * regularisation * batch.occurrences[r];
            scale(vectors, slot * width, keep, width);
            addScaled(vectors, slot * width, -rate, rowGradients, r * width, width);
            biases[slot] = keep * biases[slot] - rate * biasGradients[r];
          }
          beta[0] -= rate * sharpness;
          scale(user, 0, 1 - privateLearningRate * regularisation, width);
          addScaled(user, 0, -privateLearningRate / (to - from), userGradient, 0, width);
        }
      }
      return examples === 0 ? 0 : loss / examples;
    },
  };
}

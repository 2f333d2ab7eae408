/**
 * Fused kernels of matrix factorisation, score = u . v_i + b_i. Per example 2d multiply-adds forward and for the gradient of
 * u, and per distinct row of a minibatch d more for its step: the row's gradient is a multiple of u, so the errors of a row
 * are summed first and the row is moved once.
 */
import type { Kernels } from '../implicit-als/kernels.ts';
import { plainKernels } from '../implicit-als/plain-kernels.ts';
import { simdKernels } from '../implicit-als/simd-kernels.ts';
import type { LocalBackend } from '../local-sgd/backend.ts';
import { createBatchSlots } from '../local-sgd/batch-slots.ts';
import { crossEntropy, sigmoid } from '../local-sgd/logistic.ts';
import { type FrozenScorer, reconstruct } from '../local-sgd/scorer.ts';
import { addScaled, dot, scale } from '../local-sgd/vector.ts';

/** Tables: item vectors [slots, dimension] and item biases [slots]. */
export function freezeMatrixFactorisation(dimension: number, tables: readonly Float32Array[]): FrozenScorer {
  const [vectors, biases] = tables;
  let kernels: Kernels | null = null;
  return {
    score(user, out) {
      // Bound when first needed: local training freezes tables that it never scores whole.
      kernels ??= (simdKernels() ?? plainKernels)(vectors, dimension);
      kernels.scores(user, out);
      for (let i = 0; i < biases.length; i++) out[i] += biases[i];
    },
    addGradient(user, slots, labels, from, to, gradient) {
      for (let e = from; e < to; e++) {
        const row = slots[e] * dimension;
        const error = sigmoid(biases[slots[e]] + dot(user, 0, vectors, row, dimension)) - labels[e];
        addScaled(gradient, 0, error, vectors, row, dimension);
      }
    },
  };
}

export function fusedMatrixFactorisation(dimension: number): LocalBackend {
  return {
    run({ tables, privateVector: user }, passes, { batchSize, learningRate, privateLearningRate, regularisation }) {
      const [vectors, biases] = tables;
      const frozen = freezeMatrixFactorisation(dimension, tables);
      const batch = createBatchSlots(biases.length, batchSize);
      const errorOfRow = new Float32Array(batchSize);
      const userGradient = new Float32Array(dimension);
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
          errorOfRow.fill(0, 0, rowCount);
          userGradient.fill(0);
          for (let e = from; e < to; e++) {
            const row = slots[e] * dimension;
            const logit = biases[slots[e]] + dot(user, 0, vectors, row, dimension);
            const error = sigmoid(logit) - labels[e];
            loss += crossEntropy(logit, labels[e]);
            errorOfRow[batch.position[e - from]] += error;
            addScaled(userGradient, 0, error, vectors, row, dimension);
          }
          const rate = learningRate / (to - from);
          for (let r = 0; r < rowCount; r++) {
            const slot = batch.distinct[r];
            const keep = 1 - rate * regularisation * batch.occurrences[r];
            const move = -rate * errorOfRow[r];
            scale(vectors, slot * dimension, keep, dimension);
            addScaled(vectors, slot * dimension, move, user, 0, dimension);
            biases[slot] = keep * biases[slot] + move;
          }
          scale(user, 0, 1 - privateLearningRate * regularisation, dimension);
          addScaled(user, 0, -privateLearningRate / (to - from), userGradient, 0, dimension);
        }
      }
      return examples === 0 ? 0 : loss / examples;
    },
  };
}

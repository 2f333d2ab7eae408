/**
 * Fused kernels of NeuMF: forward, backward and SGD step of a minibatch in one sweep over its examples. All examples of a
 * batch share the user's half of the first layer, so its product and its gradients are formed once per batch.
 */
import type { LocalBackend } from '../local-sgd/backend.ts';
import { createBatchSlots } from '../local-sgd/batch-slots.ts';
import { crossEntropy, sigmoid } from '../local-sgd/logistic.ts';
import { type FrozenScorer, reconstruct } from '../local-sgd/scorer.ts';
import { addScaled, dot, scale } from '../local-sgd/vector.ts';
import { freezeNeuMf } from './frozen.ts';
import { backwardLayers, createLayerScratch, forwardLayers } from './layers.ts';
import { type NeuMfShape, neuMfWeights } from './network.ts';

export function fusedNeuMf(shape: NeuMfShape): LocalBackend {
  const { dimension, mlpDimension, hiddenLayers } = shape;
  const width = hiddenLayers[0];
  return {
    run({ tables, dense, privateVector: user }, passes, steps) {
      const { batchSize, learningRate, privateLearningRate, regularisation } = steps;
      const [gmfRows, mlpRows] = tables;
      const weights = neuMfWeights(dense);
      const first = weights.hidden[0];
      const batch = createBatchSlots(gmfRows.length / dimension, batchSize);
      const denseGradients = dense.map((values) => new Float32Array(values.length));
      const gradients = neuMfWeights(denseGradients);
      const userGradient = new Float32Array(user.length);
      const userSums = new Float32Array(width);
      const errorOfRow = new Float32Array(batchSize);
      const deltaOfRow = new Float32Array(batchSize * width);
      const weightedRowSum = new Float32Array(dimension);
      const scratch = createLayerScratch(hiddenLayers);
      const activation = scratch.activations[0];
      const delta = scratch.deltas[0];
      let loss = 0;
      let examples = 0;

      function stepOnBatch(slots: Uint32Array, labels: Float32Array, from: number, to: number): void {
        const rowCount = batch.read(slots, from, to);
        for (const values of denseGradients) values.fill(0);
        userGradient.fill(0);
        errorOfRow.fill(0, 0, rowCount);
        deltaOfRow.fill(0, 0, rowCount * width);
        weightedRowSum.fill(0);
        for (let j = 0; j < width; j++) {
          userSums[j] = first.biases[j] + dot(first.weights, j * 2 * mlpDimension, user, dimension, mlpDimension);
        }
        // u * w, so that the GMF branch of an example is one product.
        const weightedUser = new Float32Array(dimension);
        for (let k = 0; k < dimension; k++) weightedUser[k] = weights.output[k] * user[k];

        for (let e = from; e < to; e++) {
          const gmfAt = slots[e] * dimension;
          const mlpAt = slots[e] * mlpDimension;
          for (let j = 0; j < width; j++) {
            const at = j * 2 * mlpDimension + mlpDimension;
            const sum = userSums[j] + dot(first.weights, at, mlpRows, mlpAt, mlpDimension);
            activation[j] = Math.max(sum, 0);
          }
          const gmf = dot(weightedUser, 0, gmfRows, gmfAt, dimension);
          const logit = weights.outputBias[0] + gmf + forwardLayers(weights, scratch, dimension);
          const error = sigmoid(logit) - labels[e];
          loss += crossEntropy(logit, labels[e]);
          const at = batch.position[e - from];
          errorOfRow[at] += error;
          addScaled(weightedRowSum, 0, error, gmfRows, gmfAt, dimension);
          const last = scratch.activations[scratch.activations.length - 1];
          addScaled(gradients.output, dimension, error, last, 0, last.length);
          gradients.outputBias[0] += error;
          backwardLayers(weights, scratch, dimension, error, gradients);
          addScaled(deltaOfRow, at * width, 1, delta, 0, width);
        }

        for (let k = 0; k < dimension; k++) {
          gradients.output[k] = user[k] * weightedRowSum[k];
          userGradient[k] = weights.output[k] * weightedRowSum[k];
        }
        moveRowsAndFirstLayerGradients(rowCount, to - from, weightedUser);
        for (let j = 0; j < width; j++) {
          const at = j * 2 * mlpDimension;
          addScaled(gradients.hidden[0].weights, at, gradients.hidden[0].biases[j], user, dimension, mlpDimension);
          addScaled(userGradient, dimension, gradients.hidden[0].biases[j], first.weights, at, mlpDimension);
        }
        const rate = learningRate / (to - from);
        dense.forEach((values, t) => {
          addScaled(values, 0, -rate, denseGradients[t], 0, values.length);
        });
        scale(user, 0, 1 - privateLearningRate * regularisation, user.length);
        addScaled(user, 0, -privateLearningRate / (to - from), userGradient, 0, user.length);
      }

      /** The first layer's gradients need the rows as they were, the rows' need the layer: so both here, row by row. */
      function moveRowsAndFirstLayerGradients(rowCount: number, count: number, weightedUser: Float32Array): void {
        const rate = learningRate / count;
        const layer = gradients.hidden[0];
        const rowGradient = new Float32Array(mlpDimension);
        for (let r = 0; r < rowCount; r++) {
          const slot = batch.distinct[r];
          const keep = 1 - rate * regularisation * batch.occurrences[r];
          rowGradient.fill(0);
          for (let j = 0; j < width; j++) {
            const value = deltaOfRow[r * width + j];
            if (value === 0) continue;
            const at = j * 2 * mlpDimension + mlpDimension;
            layer.biases[j] += value;
            addScaled(layer.weights, at, value, mlpRows, slot * mlpDimension, mlpDimension);
            addScaled(rowGradient, 0, value, first.weights, at, mlpDimension);
          }
          scale(mlpRows, slot * mlpDimension, keep, mlpDimension);
          addScaled(mlpRows, slot * mlpDimension, -rate, rowGradient, 0, mlpDimension);
          scale(gmfRows, slot * dimension, keep, dimension);
          addScaled(gmfRows, slot * dimension, -rate * errorOfRow[r], weightedUser, 0, dimension);
        }
      }

      let frozen: FrozenScorer | null = null;
      for (const { moves, slots, labels } of passes) {
        if (moves === 'private') {
          frozen ??= freezeNeuMf(shape, tables, dense);
          reconstruct(frozen, user, slots, labels, { batchSize, privateLearningRate, regularisation });
          continue;
        }
        frozen = null;
        examples += slots.length;
        for (let from = 0; from < slots.length; from += batchSize) {
          stepOnBatch(slots, labels, from, Math.min(from + batchSize, slots.length));
        }
      }
      return examples === 0 ? 0 : loss / examples;
    },
  };
}

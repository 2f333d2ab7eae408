/**
 * NeuMF with its shared part frozen. Of the first layer, W [p; q] + b, the item's half W_q q + b is computed once per row,
 * and the user's half W_p p once per batch of examples, so that an example costs only the layers above.
 */
import { sigmoid } from '../local-sgd/logistic.ts';
import type { FrozenScorer } from '../local-sgd/scorer.ts';
import { addScaled, dot } from '../local-sgd/vector.ts';
import { backwardLayers, createLayerScratch, forwardLayers } from './layers.ts';
import { type NeuMfShape, neuMfWeights } from './network.ts';

/** Tables: GMF rows v [slots, dimension] and MLP rows q [slots, mlpDimension]; dense as `neuMfDenseTensors`. */
export function freezeNeuMf(
  shape: NeuMfShape,
  tables: readonly Float32Array[],
  dense: readonly Float32Array[],
): FrozenScorer {
  const { dimension, mlpDimension, hiddenLayers } = shape;
  const weights = neuMfWeights(dense);
  const first = weights.hidden[0];
  const width = hiddenLayers[0];
  const rowCount = tables[0].length / dimension;
  const itemSums = new Float32Array(rowCount * width);
  const itemGmf = new Float32Array(rowCount * dimension);
  for (let row = 0; row < rowCount; row++) {
    for (let j = 0; j < width; j++) {
      const at = j * 2 * mlpDimension + mlpDimension;
      itemSums[row * width + j] = first.biases[j] + dot(first.weights, at, tables[1], row * mlpDimension, mlpDimension);
    }
    for (let k = 0; k < dimension; k++) {
      itemGmf[row * dimension + k] = weights.output[k] * tables[0][row * dimension + k];
    }
  }
  const scratch = createLayerScratch(hiddenLayers);
  const userSums = new Float32Array(width);
  const deltaSum = new Float32Array(width);

  function readUser(user: Float32Array): void {
    for (let j = 0; j < width; j++)
      userSums[j] = dot(first.weights, j * 2 * mlpDimension, user, dimension, mlpDimension);
  }

  function logitOf(user: Float32Array, row: number): number {
    const activation = scratch.activations[0];
    for (let j = 0; j < width; j++) {
      const sum = userSums[j] + itemSums[row * width + j];
      activation[j] = Math.max(sum, 0);
    }
    const gmf = dot(user, 0, itemGmf, row * dimension, dimension);
    return weights.outputBias[0] + gmf + forwardLayers(weights, scratch, dimension);
  }

  return {
    score(user, out) {
      readUser(user);
      for (let row = 0; row < rowCount; row++) out[row] = logitOf(user, row);
    },
    addGradient(user, slots, labels, from, to, gradient) {
      readUser(user);
      deltaSum.fill(0);
      for (let e = from; e < to; e++) {
        const row = slots[e];
        const error = sigmoid(logitOf(user, row)) - labels[e];
        addScaled(gradient, 0, error, itemGmf, row * dimension, dimension);
        backwardLayers(weights, scratch, dimension, error, null);
        addScaled(deltaSum, 0, 1, scratch.deltas[0], 0, width);
      }
      for (let j = 0; j < width; j++) {
        addScaled(gradient, dimension, deltaSum[j], first.weights, j * 2 * mlpDimension, mlpDimension);
      }
    },
  };
}

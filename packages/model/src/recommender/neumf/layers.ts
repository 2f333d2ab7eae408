/** Forward and backward through the hidden layers after the first, one example at a time, in scratch that is reused. */
import { addScaled, dot } from '../local-sgd/vector.ts';
import type { NeuMfWeights } from './network.ts';

export interface LayerScratch {
  /** Activations of each hidden layer, after the rectifier. The caller fills the first. */
  readonly activations: readonly Float32Array[];
  /** Gradients with respect to each hidden layer's sums, before the rectifier. */
  readonly deltas: readonly Float32Array[];
}

export function createLayerScratch(hiddenLayers: readonly number[]): LayerScratch {
  return {
    activations: hiddenLayers.map((width) => new Float32Array(width)),
    deltas: hiddenLayers.map((width) => new Float32Array(width)),
  };
}

/** From the first layer's activations to the MLP's part of the logit. */
export function forwardLayers(weights: NeuMfWeights, { activations }: LayerScratch, dimension: number): number {
  for (let layer = 1; layer < activations.length; layer++) {
    const before = activations[layer - 1];
    const { weights: w, biases } = weights.hidden[layer];
    const after = activations[layer];
    for (let j = 0; j < after.length; j++) {
      const sum = biases[j] + dot(w, j * before.length, before, 0, before.length);
      after[j] = Math.max(sum, 0);
    }
  }
  const last = activations[activations.length - 1];
  return dot(weights.output, dimension, last, 0, last.length);
}

/**
 * Back from the logit's error to the first layer's deltas. With `gradients`, adds those of layers 2 and up on the way; the
 * first layer's are the caller's, who knows its input.
 */
export function backwardLayers(
  weights: NeuMfWeights,
  { activations, deltas }: LayerScratch,
  dimension: number,
  error: number,
  gradients: NeuMfWeights | null,
): void {
  const top = activations.length - 1;
  const last = activations[top];
  for (let j = 0; j < last.length; j++) deltas[top][j] = last[j] > 0 ? error * weights.output[dimension + j] : 0;
  for (let layer = top; layer > 0; layer--) {
    const before = activations[layer - 1];
    const beforeDelta = deltas[layer - 1].fill(0);
    const delta = deltas[layer];
    const w = weights.hidden[layer].weights;
    for (let j = 0; j < delta.length; j++) {
      if (delta[j] === 0) continue;
      addScaled(beforeDelta, 0, delta[j], w, j * before.length, before.length);
      if (gradients) {
        addScaled(gradients.hidden[layer].weights, j * before.length, delta[j], before, 0, before.length);
        gradients.hidden[layer].biases[j] += delta[j];
      }
    }
    for (let k = 0; k < before.length; k++) if (before[k] === 0) beforeDelta[k] = 0;
  }
}

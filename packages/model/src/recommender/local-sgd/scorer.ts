/** The frozen shared part of a model, as scoring and fitting a private vector see it. */
export interface FrozenScorer {
  /** Scores (logits) of all rows of the tables, written to `out`. */
  score(privateVector: Float32Array, out: Float32Array): void;
  /**
   * Adds the gradient of sum over examples e in [from, to) of BCE(sigmoid(score of slots[e]), labels[e]) with respect to the
   * private vector to `gradient`.
   */
  addGradient(
    privateVector: Float32Array,
    slots: Uint32Array,
    labels: Float32Array,
    from: number,
    to: number,
    gradient: Float32Array,
  ): void;
}

/**
 * Plain minibatch SGD of the private vector on one pass, the shared part frozen: the reconstruction step of Singhal et al.
 * (2021), algorithm 1. The loss is that of `LocalBackend`.
 */
export function reconstruct(
  scorer: FrozenScorer,
  privateVector: Float32Array,
  slots: Uint32Array,
  labels: Float32Array,
  steps: { readonly batchSize: number; readonly privateLearningRate: number; readonly regularisation: number },
): void {
  const gradient = new Float32Array(privateVector.length);
  for (let from = 0; from < slots.length; from += steps.batchSize) {
    const to = Math.min(from + steps.batchSize, slots.length);
    gradient.fill(0);
    scorer.addGradient(privateVector, slots, labels, from, to, gradient);
    const keep = 1 - steps.privateLearningRate * steps.regularisation;
    const rate = steps.privateLearningRate / (to - from);
    for (let k = 0; k < gradient.length; k++) privateVector[k] = keep * privateVector[k] - rate * gradient[k];
  }
}

/**
 * The local step of gradient-trained recommenders, behind one interface with two implementations: `fused` (hand-written
 * gradients over typed arrays) and `tfjs` (autograd). What is sampled is decided outside, so that both do the same sums.
 *
 * The loss of a minibatch of B examples (slot s, label y) of one user is the mean of
 * `BCE(sigmoid(score), y) + regularisation / 2 * (|row s|^2 + |private vector|^2)`, where row s is everything that the shared
 * parameters say of that one item. Each minibatch takes one plain SGD step, all gradients taken before anything moves.
 */

/** What the two recommenders compute a score from. */
export type Architecture =
  | { readonly kind: 'matrix-factorisation'; readonly dimension: number }
  | {
      readonly kind: 'neumf';
      readonly dimension: number;
      readonly mlpDimension: number;
      readonly hiddenLayers: readonly number[];
    };

/** The shared parameters that a device trains on, and its private vector. A backend moves them in place. */
export interface LocalParameters {
  /** One table for each item tensor of the layout, [slots, width], row-major: only the touched rows, in slot order. */
  readonly tables: readonly Float32Array[];
  /** One array for each tensor that is not a table of items, in layout order. */
  readonly dense: readonly Float32Array[];
  /** The user's own vector. */
  readonly privateVector: Float32Array;
}

/** Examples of one pass in the order in which they are trained on; minibatches are consecutive runs of `batchSize`. */
export interface Pass {
  /** Which part moves: the private vector alone (the shared part frozen), or all. */
  readonly moves: 'private' | 'all';
  /** Row of each example's item in the tables. */
  readonly slots: Uint32Array;
  /** 1 for an interaction, 0 for a sampled negative. */
  readonly labels: Float32Array;
}

export interface StepSizes {
  readonly batchSize: number;
  /** Of tables and dense parameters. */
  readonly learningRate: number;
  readonly privateLearningRate: number;
  /** L2 regularisation of rows and private vector, per example. */
  readonly regularisation: number;
}

export interface LocalBackend {
  /**
   * Runs the passes in order, moving `parameters` in place.
   * @returns the mean cross-entropy (nats per example, regularisation left out) over the passes in which all moves, each
   * example taken before its minibatch's step; 0 when there is no such pass.
   */
  run(parameters: LocalParameters, passes: readonly Pass[], steps: StepSizes): number;
}

export type LocalBackendFactory = (architecture: Architecture) => LocalBackend;

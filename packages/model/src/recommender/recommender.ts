/**
 * The one interface behind which every recommender stands: what a device and a coordinator need to train a model together.
 *
 * Vocabulary. *Shared parameters* are the model version that everybody downloads, one flat Float32Array laid out by `layout`.
 * A *contribution* is what one device adds to the round's sum, laid out by `contributionLayout` (for gradient-trained
 * recommenders the two layouts are the same and a contribution is a delta). The *private state* is the user's own part of the
 * model: fitted on the device, from the device's events, and never uploaded.
 */
import type { ParameterLayout } from '../parameters/layout.ts';
import type { LocalContribution } from './contribution.ts';

/** One person's interactions, oldest first: item indices in [0, items). Repeats are allowed and count once. */
export interface History {
  readonly items: Uint32Array;
  /** Row of the person's own text among the encodings of a `hybrid` trained on devices, after the items'; none where left out. */
  readonly ownText?: number | undefined;
}

/** The user's own part of the model. Never leaves the device. */
export interface PrivateState {
  readonly vector: Float32Array;
}

/** Deterministic source of training randomness (sampling of negatives, shuffling). Not for security. */
export interface TrainingRandom {
  /** Uniform float in [0, 1). */
  next(): number;
  /** Uniform integer in [0, bound). */
  below(bound: number): number;
}

/** The sum of a round's contributions, as the coordinator sees it. */
export interface RoundSum {
  /** Weighted sum of contributions, laid out by `contributionLayout`. */
  readonly sum: Float32Array;
  /**
   * What the sum is divided by where a mean is needed: the summed weight of the contributions, or the fixed denominator of a
   * differentially private plan (the expected cohort).
   */
  readonly denominator: number;
  /** Standard deviation of the Gaussian noise that was added to each coordinate of the sum; 0 or left out for none. */
  readonly noiseStandardDeviation?: number;
}

/** What a device made in one round of local training. */
export interface LocalTraining {
  readonly contribution: LocalContribution;
  /** Number of distinct interactions trained on. */
  readonly examples: number;
  /** Mean training loss, of the recommender's own loss function. */
  readonly loss: number;
}

/** One vector for each item, by which items are alike, and by which many recommenders score. */
export interface ItemVectors {
  /** [items * width], row by row; not to be changed. */
  readonly values: Float32Array;
  readonly width: number;
  /** 'dot': a score is the item's vector times the private vector, plus its bias. 'other': vectors are one part of what is scored by. */
  readonly scoring: 'dot' | 'other';
  /** [items], what an item's score has for everybody; null for none. */
  readonly biases: Float32Array | null;
}

/** What one item of a history adds to the score of another item. */
export interface ItemContribution {
  readonly item: number;
  readonly value: number;
}

/** A recommender bound to one version of the shared parameters, with what is computed once per version (e.g. a Gramian). */
export interface BoundRecommender {
  /** Fits the user's private state from the user's own history, the shared parameters fixed. An empty history is allowed. */
  fitPrivateState(history: History, random: TrainingRandom): PrivateState;
  /** One round of local training. Deterministic in its arguments. The history holds at least one interaction. */
  train(history: History, random: TrainingRandom): LocalTraining;
  /** Scores of all items for the user, higher is better; written to `out` [items] when given. */
  score(state: PrivateState, out?: Float32Array): Float32Array;
  itemVectors(): ItemVectors;
  /**
   * Of recommenders whose private state is a weighted sum over the history's items: what each of them, once and latest last, adds to an
   * item's score, all of which is their sum.
   */
  additiveContributions?(history: History, item: number): readonly ItemContribution[];
}

export interface Recommender {
  readonly name: string;
  readonly itemCount: number;
  /** Layout of the shared parameters. */
  readonly layout: ParameterLayout;
  /** Layout of a contribution. */
  readonly contributionLayout: ParameterLayout;
  /** Fresh shared parameters [layout.size] from a seed. */
  initialise(seed: number): Float32Array;
  /** Binds one version of the shared parameters [layout.size]; the array must not change while bound. */
  bind(shared: Float32Array): BoundRecommender;
  /**
   * The direction in which the round's sum asks the shared parameters to move [layout.size], to be applied by a server
   * optimizer as a pseudo-gradient: next = shared + learningRate * direction for plain FedAvg. For gradient-trained
   * recommenders it is the mean delta; for `implicit-als` the preconditioned Newton step.
   */
  direction(shared: Float32Array, round: RoundSum): Float32Array;
}

/** What a task document says of its model; one recommender is built from it, the same on a device and at the coordinator. */
import type { LoraDescription } from '../encodings/text-model.ts';

/**
 * Weighting of a device's own history by recency, age in interactions, 0 for the latest. With an exponent
 * weight = floor + (1 + age / timeConstant)^-exponent, without one floor + exp(-age / timeConstant).
 */
export interface RecencyWeighting {
  /** >= 0 */
  readonly floor: number;
  /** > 0, in interactions */
  readonly timeConstant: number;
  /** > 0 */
  readonly exponent?: number | undefined;
}

/**
 * Scales s_g of the three groups of an `implicit-als` contribution, by which they are multiplied before anything is clipped. Noise of
 * standard deviation sigma on every coordinate is sigma / s_g in a group's own units, so the scales say how much of the privacy
 * each group gets.
 */
export interface ImplicitAlsGroupScales {
  readonly rows: number;
  readonly counts: number;
  readonly outer: number;
}

/**
 * Bounds of the groups' norms after their scales, as shares of the clip norm C; squares at most 1 together, so that the whole
 * stays within C and one release has one sensitivity. In its own units group g is clipped to c_g C / s_g: scales alone say where
 * noise goes, shares with them which groups are shortened apart from the others.
 */
export type ImplicitAlsGroupClip = ImplicitAlsGroupScales;

export interface ImplicitAlsSpecification {
  readonly kind: 'implicit-als';
  readonly itemCount: number;
  readonly dimension: number;
  /** a0: weight of an unobserved pair, > 0. */
  readonly unobservedWeight: number;
  /** lambda: L2 regularisation, frequency-scaled, > 0. */
  readonly regularisation: number;
  /** Standard deviation of the initial item vectors is initialScale / sqrt(dimension). */
  readonly initialScale: number;
  /** As `initialScale`, of one vector that all initial item vectors have in common; 0 or left out for none. */
  readonly initialCommonScale?: number | undefined;
  /**
   * As `initialScale`, of one vector for each feature of `itemFeatures`, by which items that are alike start alike; 0 or left out for
   * none.
   */
  readonly initialAttributeScale?: number | undefined;
  /** Recency weights of the local solve used for recommending; null for an order-free solve. */
  readonly recency: RecencyWeighting | null;
  /** Whether the recency-weighted solve is also the one trained with. */
  readonly recencyInTraining: boolean;
  /**
   * Interactions that one local solve of training holds at most: a longer history is trained on in windows, each as a history of
   * its own, so that items near each other in time come to lie near each other. Null or left out: the whole as one.
   */
  readonly windowLength?: number | null | undefined;
  /** Most items of one device that a contribution covers, or null for all. */
  readonly itemCap: number | null;
  readonly groupScales: ImplicitAlsGroupScales;
  /** Null or left out: the groups are clipped as one vector, which keeps their proportions. */
  readonly groupClip?: ImplicitAlsGroupClip | null | undefined;
  /**
   * What item vectors are drawn towards where noise hides them: their mean (also where left out), or what the catalogue's attributes
   * and release years predict. Without noise it plays no part.
   */
  readonly prior?: 'mean' | 'attributes' | undefined;
}

/** Which of an item's public facts its vector is predicted from; at least one. */
export interface ItemFacts {
  readonly text: boolean;
  readonly attributes: boolean;
}

/**
 * `implicit-als` whose item vectors are fused with what is publicly known of items. Plan `public-items`: devices do what they do for
 * `implicit-als`; the coordinator, who alone needs texts, fits the fusion to the round's sums.
 */
export interface PublicItemsSpecification extends Omit<ImplicitAlsSpecification, 'kind' | 'prior'> {
  readonly kind: 'hybrid';
  readonly plan: 'public-items';
  readonly features: ItemFacts;
  /** Principal components of the encodings that are kept; null for all of their width. */
  readonly textComponents: number | null;
  /** The text encoder's adapter, fitted by the coordinator to each round's sums; null or left out: the encoder is as it comes. */
  readonly adapter?: AdapterFit | null | undefined;
}

/** Fitting of an adapter to a round's sums. */
export interface AdapterFit extends LoraDescription {
  /** Of Adam, in each round; at least 0. */
  readonly steps: number;
  /** Of Adam, > 0. */
  readonly learningRate: number;
  /** Items whose texts one step takes gradients through, at least 1. */
  readonly texts: number;
}

/** Local training by SGD on binary cross-entropy with sampled negatives. */
export interface LocalSgd {
  /** Passes over the device's examples in which shared and private parameters move. */
  readonly epochs: number;
  /** Passes in which only the private state is fitted first (federated reconstruction, Singhal et al. 2021). */
  readonly reconstructionEpochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly privateLearningRate: number;
  readonly negativesPerPositive: number;
  /** L2 regularisation of the touched rows and of the user's vector. */
  readonly regularisation: number;
}

export type LocalBackend = 'fused' | 'tfjs';

export interface MatrixFactorisationSpecification {
  readonly kind: 'matrix-factorisation';
  readonly itemCount: number;
  readonly dimension: number;
  readonly initialScale: number;
  readonly local: LocalSgd;
  readonly backend: LocalBackend;
}

export interface NeuMfSpecification {
  readonly kind: 'neumf';
  readonly itemCount: number;
  /** Width of the GMF vectors. */
  readonly dimension: number;
  /** Width of the MLP's item and user vectors. */
  readonly mlpDimension: number;
  /** Widths of the hidden layers, e.g. [32, 16, 8]. */
  readonly hiddenLayers: readonly number[];
  readonly initialScale: number;
  readonly local: LocalSgd;
  readonly backend: LocalBackend;
}

/** What a user's vector and a fused item vector are scored by. */
export type HybridScorer =
  /** u . z_i + b_i */
  | { readonly kind: 'dot' }
  /** NeuMF on fused vectors: the first `dimension` of their coordinates multiplied, the last `mlpDimension` through an MLP. */
  | { readonly kind: 'gmf-mlp'; readonly mlpDimension: number; readonly hiddenLayers: readonly number[] }
  /** (u + sum_j a_ij z_j) . z_i + b_i, a the softmax over the history's items j of beta z_i . z_j. */
  | { readonly kind: 'cross-attention' };

/**
 * Groups of an on-device contribution: id vectors and biases; gate, projections, attribute vectors and the scorer's own weights; the
 * text encoder's adapter.
 */
export interface HybridGroups {
  readonly rows: number;
  readonly fusion: number;
  readonly adapter: number;
}

export interface AdapterTraining extends LoraDescription {
  /** Trained parameters of the adapter. */
  readonly size: number;
  /** What the adapter moves by, as a multiple of what the rows do. */
  readonly rate: number;
  /** Texts of one round that a device takes gradients through, at most. */
  readonly texts: number;
}

/**
 * Devices train the fusion themselves, by SGD. Plan `cheap`: texts are encoded once. Plan `full`: devices that can also train an
 * adapter of the encoder; the others join with what the cheap plan trains, and an adapter's delta of zero.
 */
export interface OnDeviceSpecification {
  readonly kind: 'hybrid';
  readonly plan: 'cheap' | 'full';
  readonly itemCount: number;
  readonly dimension: number;
  readonly initialScale: number;
  readonly features: ItemFacts;
  /** Width of the encodings; plays no part where features are of attributes alone. */
  readonly textWidth: number;
  readonly scorer: HybridScorer;
  readonly local: LocalSgd;
  /** Of gate, projections and attribute vectors, as a multiple of what the rows move. */
  readonly fusionRate: number;
  /** Plan `full`, null for `cheap`. */
  readonly adapter: AdapterTraining | null;
  /** Multiples of the groups before anything is clipped, as those of `implicit-als`. */
  readonly groupScales: HybridGroups;
  /** Bounds of the groups' norms as shares of the clip norm, squares at most 1 together; null: clipped as one. */
  readonly groupClip: HybridGroups | null;
}

export type HybridSpecification = PublicItemsSpecification | OnDeviceSpecification;

export type RecommenderSpecification =
  | ImplicitAlsSpecification
  | HybridSpecification
  | MatrixFactorisationSpecification
  | NeuMfSpecification;

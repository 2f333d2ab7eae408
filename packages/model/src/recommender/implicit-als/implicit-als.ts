/**
 * `implicit-als`: the whole-data quadratic loss of implicit feedback, trained by second-order federated rounds.
 *
 * A device solves for its own vector x exactly and contributes, for its items S: residual rows (x.v_i - 1) x, a count 1 each,
 * and x x^T, which stands for all items that it did not touch. From the three sums alone the coordinator has the exact
 * gradient of the whole-data loss and a curvature with the same eigenvectors for every item.
 */
import { checkLength, createLayout, type TensorSpecification } from '../../parameters/layout.ts';
import type { BoundRecommender, History, Recommender } from '../recommender.ts';
import type { ImplicitAlsSpecification } from '../specification.ts';
import { latestOccurrences, recencyWeights } from './history.ts';
import { initialVectors } from './initial-vectors.ts';
import { constantFeature, type DescribedItem, itemFeatures } from './item-features.ts';
import type { BindKernels } from './kernels.ts';
import { localSolve } from './local-solve.ts';
import { trainLocally } from './local-training.ts';
import { newtonDirection } from './newton-direction.ts';
import { noiseAwareDirection } from './noise-aware-direction.ts';
import { packedSize } from './packed-symmetric.ts';
import { plainKernels } from './plain-kernels.ts';
import { noiseOfSums, roundSums } from './round-sums.ts';
import { scoreContributions } from './score-contributions.ts';
import { simdKernels } from './simd-kernels.ts';

export interface ImplicitAlsOptions {
  /** The dense loops; SIMD where the platform has it, else plain TypeScript. */
  readonly kernels?: BindKernels;
  /** [itemCount], where the specification's prior or first vectors are of attributes; a device, which takes no steps, needs none. */
  readonly items?: readonly DescribedItem[] | undefined;
}

export function createImplicitAls(
  specification: ImplicitAlsSpecification,
  { kernels = simdKernels() ?? plainKernels, items }: ImplicitAlsOptions = {},
): Recommender {
  const { itemCount, dimension, groupClip } = specification;
  if (groupClip && !(Math.hypot(groupClip.rows, groupClip.counts, groupClip.outer) <= 1 + 1e-9)) {
    throw new RangeError("The squares of the groups' shares of the clip norm are at most 1 together.");
  }
  const layout = createLayout([{ name: 'items', shape: [itemCount, dimension] }]);
  const contributionLayout = createLayout(contributionTensors(specification));
  const ofAttributes = specification.prior === 'attributes';
  // A large catalogue is not held on to where nothing depends on it.
  const described = ofAttributes || specification.initialAttributeScale ? items : undefined;
  const attributeFeatures = onceMade(() => itemFeatures(describedItems(specification, described)));
  return {
    name: 'implicit-als',
    itemCount,
    layout,
    contributionLayout,
    initialise: (seed) => initialVectors(specification, attributeFeatures, seed),
    bind(shared) {
      checkLength(layout, shared);
      return bindImplicitAls(specification, kernels, shared);
    },
    direction(shared, { sum, denominator, noiseStandardDeviation = 0 }) {
      checkLength(layout, shared);
      const sums = roundSums(specification, contributionLayout, { sum, denominator });
      if (noiseStandardDeviation === 0) return newtonDirection(specification, shared, sums);
      const noise = noiseOfSums(specification, noiseStandardDeviation);
      return noiseAwareDirection(
        specification,
        shared,
        sums,
        noise,
        ofAttributes ? attributeFeatures() : constantFeature(itemCount),
      );
    },
  };
}

function describedItems(
  { itemCount }: ImplicitAlsSpecification,
  items: readonly DescribedItem[] | undefined,
): readonly DescribedItem[] {
  if (items?.length === itemCount) return items;
  throw new TypeError(
    `A model with a prior of attributes needs the ${itemCount} items of its catalogue; got ${items?.length ?? 'none'}.`,
  );
}

function onceMade<T>(make: () => T): () => T {
  let made: T | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

function contributionTensors({ itemCount, dimension, windowLength }: ImplicitAlsSpecification): TensorSpecification[] {
  return [
    { name: 'rows', shape: [itemCount, dimension] },
    { name: 'counts', shape: [itemCount] },
    { name: 'outer', shape: [packedSize(dimension)] },
    // With one solve a device, the round's denominator says how many there were.
    ...(windowLength ? [{ name: 'solves', shape: [1] }] : []),
  ];
}

function bindImplicitAls(
  specification: ImplicitAlsSpecification,
  bindKernels: BindKernels,
  vectors: Float32Array,
): BoundRecommender {
  const { itemCount, dimension, recency } = specification;
  const kernels = bindKernels(vectors, dimension);
  const counted = (history: History) => {
    const items = latestOccurrences(history, itemCount);
    return { items, weights: recency ? recencyWeights(items.length, recency) : null };
  };
  return {
    fitPrivateState(history) {
      const { items, weights } = counted(history);
      return { vector: localSolve(kernels, specification, items, weights) };
    },
    train: (history, random) => trainLocally(specification, kernels, history, random),
    score(state, out = new Float32Array(itemCount)) {
      kernels.scores(state.vector, out);
      return out;
    },
    itemVectors: () => ({ values: vectors, width: dimension, scoring: 'dot', biases: null }),
    additiveContributions(history, item) {
      const { items, weights } = counted(history);
      return scoreContributions(specification, vectors, kernels.gramian(), { items, weights }, item);
    },
  };
}

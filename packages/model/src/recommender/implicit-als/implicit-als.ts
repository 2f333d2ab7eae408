/**
 * `implicit-als`: the whole-data quadratic loss of implicit feedback, trained by second-order federated rounds.
 *
 * A device solves for its own vector x exactly and contributes, for its items S: residual rows (x.v_i - 1) x, a count 1 each,
 * and x x^T, which stands for all items that it did not touch. From the three sums alone the coordinator has the exact
 * gradient of the whole-data loss and a curvature with the same eigenvectors for every item.
 */
import { checkLength, createLayout, type TensorSpecification, viewOf } from '../../parameters/layout.ts';
import { seededRandom } from '../../random/seeded.ts';
import type { BoundRecommender, Recommender } from '../recommender.ts';
import type { ImplicitAlsSpecification } from '../specification.ts';
import { latestOccurrences, recencyWeights } from './history.ts';
import type { BindKernels } from './kernels.ts';
import { localSolve } from './local-solve.ts';
import { trainLocally } from './local-training.ts';
import { newtonDirection } from './newton-direction.ts';
import { packedSize, unpackSymmetric } from './packed-symmetric.ts';
import { plainKernels } from './plain-kernels.ts';
import { simdKernels } from './simd-kernels.ts';

export interface ImplicitAlsOptions {
  /** The dense loops; SIMD where the platform has it, else plain TypeScript. */
  readonly kernels?: BindKernels;
}

export function createImplicitAls(
  specification: ImplicitAlsSpecification,
  { kernels = simdKernels() ?? plainKernels }: ImplicitAlsOptions = {},
): Recommender {
  const { itemCount, dimension, groupScales } = specification;
  const layout = createLayout([{ name: 'items', shape: [itemCount, dimension] }]);
  const contributionLayout = createLayout(contributionTensors(specification));
  return {
    name: 'implicit-als',
    itemCount,
    layout,
    contributionLayout,
    initialise(seed) {
      const random = seededRandom(seed);
      const scale = specification.initialScale / Math.sqrt(dimension);
      return Float32Array.from({ length: layout.size }, () => scale * random.gaussian());
    },
    bind(shared) {
      checkLength(layout, shared);
      return bindImplicitAls(specification, kernels, shared);
    },
    direction(shared, { sum, denominator, noiseStandardDeviation = 0 }) {
      checkLength(layout, shared);
      checkLength(contributionLayout, sum.subarray(0, contributionLayout.size));
      const group = (name: string) => viewOf(contributionLayout, sum, name);
      return newtonDirection(specification, shared, {
        rows: group('rows').map((value) => value / groupScales.rows),
        counts: group('counts').map((value) => value / groupScales.counts),
        outer: unpackSymmetric(group('outer'), dimension, 1 / groupScales.outer),
        solves: specification.windowLength ? group('solves')[0] / groupScales.counts : denominator,
        outerNoise: noiseStandardDeviation / groupScales.outer,
      });
    },
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
  return {
    fitPrivateState(history) {
      const items = latestOccurrences(history, itemCount);
      const weights = recency ? recencyWeights(items.length, recency) : null;
      return { vector: localSolve(kernels, specification, items, weights) };
    },
    train: (history, random) => trainLocally(specification, kernels, history, random),
    score(state, out = new Float32Array(itemCount)) {
      kernels.scores(state.vector, out);
      return out;
    },
  };
}

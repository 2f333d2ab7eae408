/**
 * `hybrid`, plan `public-items`: item vectors that rest on text and attributes until people's own interactions say more.
 *
 * Devices contribute what they do for `implicit-als` (its rows are the gradient with respect to item vectors), and download item
 * vectors only. What texts and attributes add is public, so the coordinator fits it to the sums: the exact gradient of the fusion's
 * parameters, at no extra upload, on phones that never see an encoder.
 */
import type { ItemEncodings } from '../../encodings/item-encodings.ts';
import type { TrainableEncoder } from '../../encodings/trainable-encoder.ts';
import { checkLength } from '../../parameters/layout.ts';
import { createImplicitAls, type ImplicitAlsOptions } from '../implicit-als/implicit-als.ts';
import { newtonDirection } from '../implicit-als/newton-direction.ts';
import { noiseAwareDirection } from '../implicit-als/noise-aware-direction.ts';
import { noiseOfSums, roundSums } from '../implicit-als/round-sums.ts';
import type { Recommender } from '../recommender.ts';
import type { ImplicitAlsSpecification, PublicItemsSpecification } from '../specification.ts';
import { fitAdapter } from './adapter-step.ts';
import { type FusedFeatures, fusedFeatures } from './fused-features.ts';
import { fuse, type RoundTargets } from './fused-step.ts';

export interface HybridOptions extends ImplicitAlsOptions {
  /** [itemCount], where the specification's features are of text; a device, which takes no steps, needs none. */
  readonly encodings?: ItemEncodings | undefined;
  /** Of the items' texts, in their order, where the specification has an adapter; a device needs none. */
  readonly encoder?: TrainableEncoder | undefined;
}

/** The recommender that devices train: the same in all but the coordinator's step. */
export function deviceSpecification(specification: PublicItemsSpecification): ImplicitAlsSpecification {
  const { plan: _plan, features: _features, textComponents: _components, adapter: _adapter, ...rest } = specification;
  return { ...rest, kind: 'implicit-als' };
}

/**
 * Without noise the step leads to the gated sum of `fuse`. With noise of known size, `noiseAwareDirection` is the gated sum, direction
 * by direction: an item's own vector is believed as far as its noise and its count let it.
 *
 * An adapter is fitted before the fusion, from its first parameters in every round, and only where there is no noise: targets of single
 * items are noise for the most part then.
 *
 * @throws TypeError from `direction`, and from `initialise` where first vectors are of attributes, without the items or encodings that
 * the specification's features need
 */
export function createHybrid(specification: PublicItemsSpecification, options: HybridOptions = {}): Recommender {
  const { features, adapter, itemCount, unobservedWeight, dimension: d } = specification;
  if (!features.text && !features.attributes) {
    throw new RangeError('A hybrid model without text and attributes is implicit-als; expected at least one of them.');
  }
  const als = deviceSpecification(specification);
  const base = createImplicitAls(als, options);
  let made: FusedFeatures | null = null;
  let frozen: Float32Array | null = null;
  const regressors = () => {
    made ??= fusedFeatures(specification, options.items, options.encodings);
    return made;
  };
  const adapted = (targets: RoundTargets, metric: Float64Array): FusedFeatures => {
    if (!adapter || adapter.steps === 0) return regressors();
    const { encoder } = options;
    if (!encoder)
      throw new TypeError('A hybrid model with an adapter needs its text encoder to take a step; got none.');
    frozen ??= encoder.encode(encoder.initialAdapter(0));
    return fitAdapter({ ...targets, metric }, regressors(), encoder, adapter, frozen).features;
  };
  return {
    ...base,
    name: 'hybrid',
    direction(shared, { noiseStandardDeviation = 0, ...round }) {
      checkLength(base.layout, shared);
      const sums = roundSums(als, base.contributionLayout, round);
      if (noiseStandardDeviation > 0) {
        const noise = noiseOfSums(als, noiseStandardDeviation);
        return noiseAwareDirection(als, shared, sums, noise, regressors(), trustInCounts(sums.counts, noise.counts));
      }
      if (!(sums.solves > 0)) return new Float32Array(itemCount * d);
      const newton = newtonDirection(als, shared, sums);
      const targets: RoundTargets = {
        vectors: Float64Array.from(newton, (move, at) => shared[at] + move),
        counts: sums.counts,
        curvatures: sums.counts.map((count) => unobservedWeight + Math.max(0, count) / sums.solves),
      };
      const { vectors } = fuse(targets, adapted(targets, sums.outer));
      return Float32Array.from(vectors, (fused, at) => fused - shared[at]);
    },
  };
}

/**
 * c^2 / (c^2 + c + s^2) for noisy counts with noise of standard deviation s > 0, c + s^2 being the variance of what was counted: an
 * item whose count cannot be told from none lives on its features.
 */
function trustInCounts(counts: Float32Array, standardDeviation: number): Float64Array {
  return Float64Array.from(counts, (count) => {
    const seen = Math.max(0, count);
    return seen ** 2 / (seen ** 2 + seen + standardDeviation ** 2);
  });
}

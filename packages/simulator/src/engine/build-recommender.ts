/** Recommenders and their central twins from a specification. */
import {
  createRecommender,
  deviceSpecification,
  type Interactions,
  type Item,
  type ItemEncodings,
  type LocalSgdOptions,
  type Recommender,
  type RecommenderSpecification,
  trainCentralImplicitAls,
  trainCentralSgd,
} from '@tributary/model';

/** TensorFlow.js takes a second to load: only where the specification asks for it. */
async function optionsFor(specification: RecommenderSpecification): Promise<LocalSgdOptions> {
  if (!('backend' in specification) || specification.backend !== 'tfjs') return {};
  const { createTfjsBackend } = await import('@tributary/model/tfjs');
  return { tfjs: createTfjsBackend };
}

/** @param known of the data set's items, where steps are taken too */
export async function buildRecommender(
  specification: RecommenderSpecification,
  known: { readonly items?: readonly Item[] | undefined; readonly encodings?: ItemEncodings | undefined } = {},
): Promise<Recommender> {
  return createRecommender(specification, { ...(await optionsFor(specification)), ...known });
}

/** Shared parameters [layout.size], trained by the same loss with all data in one place. */
export async function trainCentrally(
  specification: RecommenderSpecification,
  train: Interactions,
  passes: number,
  seed: number,
): Promise<Float32Array> {
  // What the fusion adds is not of anybody's data: the twin is of the part that is.
  if (specification.kind === 'hybrid') return trainCentrally(deviceSpecification(specification), train, passes, seed);
  if (specification.kind === 'implicit-als')
    return trainCentralImplicitAls(specification, train, { sweeps: passes, seed });
  return trainCentralSgd(specification, train, { epochs: passes, seed, ...(await optionsFor(specification)) });
}

/** Recommenders and their central twins from a specification. */
import {
  createRecommender,
  type Interactions,
  type Item,
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

/** @param items of the data set, where steps are taken too */
export async function buildRecommender(
  specification: RecommenderSpecification,
  items?: readonly Item[],
): Promise<Recommender> {
  return createRecommender(specification, { ...(await optionsFor(specification)), items });
}

/** Shared parameters [layout.size], trained by the same loss with all data in one place. */
export async function trainCentrally(
  specification: RecommenderSpecification,
  train: Interactions,
  passes: number,
  seed: number,
): Promise<Float32Array> {
  if (specification.kind === 'implicit-als')
    return trainCentralImplicitAls(specification, train, { sweeps: passes, seed });
  return trainCentralSgd(specification, train, { epochs: passes, seed, ...(await optionsFor(specification)) });
}

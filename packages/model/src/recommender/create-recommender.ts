/** One recommender from a specification, the same on a device and at the coordinator. */
import { createHybrid, createOnDeviceHybrid, type OnDeviceOptions } from './hybrid/index.ts';
import { createImplicitAls } from './implicit-als/index.ts';
import type { LocalSgdOptions } from './local-sgd/model.ts';
import { createMatrixFactorisation } from './matrix-factorisation/index.ts';
import { createNeuMf } from './neumf/index.ts';
import type { Recommender } from './recommender.ts';
import type { RecommenderSpecification } from './specification.ts';

export type RecommenderOptions = LocalSgdOptions & OnDeviceOptions;

export function createRecommender(
  specification: RecommenderSpecification,
  options: RecommenderOptions = {},
): Recommender {
  switch (specification.kind) {
    case 'implicit-als':
      return createImplicitAls(specification, options);
    case 'hybrid':
      return specification.plan === 'public-items'
        ? createHybrid(specification, options)
        : createOnDeviceHybrid(specification, options);
    case 'matrix-factorisation':
      return createMatrixFactorisation(specification, options);
    case 'neumf':
      return createNeuMf(specification, options);
  }
}

/**
 * Logistic matrix factorisation with item biases: P(interaction) = sigmoid(u . v_i + b_i). Item vectors and biases are shared;
 * u is the private vector.
 */
import { viewOf } from '../../parameters/layout.ts';
import { seededRandom } from '../../random/seeded.ts';
import { chooseBackend, type LocalSgdModel, type LocalSgdOptions, layOutModel } from '../local-sgd/model.ts';
import { createLocalSgdRecommender } from '../local-sgd/recommender.ts';
import type { Recommender } from '../recommender.ts';
import type { MatrixFactorisationSpecification } from '../specification.ts';
import { freezeMatrixFactorisation, fusedMatrixFactorisation } from './fused.ts';

/** Tensors `item-vectors` [items, dimension] and `item-biases` [items]. */
export function matrixFactorisationModel(
  specification: MatrixFactorisationSpecification,
  options: LocalSgdOptions = {},
): LocalSgdModel {
  const { itemCount, dimension, initialScale, local, backend } = specification;
  const architecture = { kind: 'matrix-factorisation', dimension } as const;
  const layout = layOutModel(
    itemCount,
    [
      { name: 'item-vectors', width: dimension },
      { name: 'item-biases', width: 1 },
    ],
    [],
  );
  return {
    name: 'matrix-factorisation',
    itemCount,
    architecture,
    layout,
    tableWidths: [dimension, 1],
    privateSize: dimension,
    local,
    backend: chooseBackend(backend, architecture, () => fusedMatrixFactorisation(dimension), options),
    initialise(seed) {
      const random = seededRandom(seed);
      const shared = new Float32Array(layout.size);
      const vectors = viewOf(layout, shared, 'item-vectors');
      const deviation = initialScale / Math.sqrt(dimension);
      for (let i = 0; i < vectors.length; i++) vectors[i] = deviation * random.gaussian();
      return shared;
    },
    freeze: (tables) => freezeMatrixFactorisation(dimension, tables),
  };
}

/** @throws BackendError when the specification asks for tfjs and `options.tfjs` is not given. */
export function createMatrixFactorisation(
  specification: MatrixFactorisationSpecification,
  options: LocalSgdOptions = {},
): Recommender {
  return createLocalSgdRecommender(matrixFactorisationModel(specification, options));
}

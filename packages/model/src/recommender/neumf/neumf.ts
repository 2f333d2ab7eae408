/**
 * NeuMF, neural matrix factorisation (He et al. 2017, section 3.4): GMF and an MLP with vectors of their own, joined by the
 * last layer. Item vectors and weights are shared; both user vectors make up the private one.
 */
import { viewOf } from '../../parameters/layout.ts';
import { seededRandom } from '../../random/seeded.ts';
import { chooseBackend, type LocalSgdModel, type LocalSgdOptions, layOutModel } from '../local-sgd/model.ts';
import { createLocalSgdRecommender } from '../local-sgd/recommender.ts';
import type { Recommender } from '../recommender.ts';
import type { NeuMfSpecification } from '../specification.ts';
import { freezeNeuMf } from './frozen.ts';
import { fusedNeuMf } from './fused.ts';
import { neuMfDenseTensors } from './network.ts';

/** Tensors `item-gmf` [items, dimension], `item-mlp` [items, mlpDimension], then those of `neuMfDenseTensors`. */
export function neuMfModel(specification: NeuMfSpecification, options: LocalSgdOptions = {}): LocalSgdModel {
  const { itemCount, dimension, mlpDimension, hiddenLayers, initialScale, local, backend } = specification;
  const shape = { dimension, mlpDimension, hiddenLayers };
  const architecture = { kind: 'neumf', ...shape } as const;
  const dense = neuMfDenseTensors(shape);
  const layout = layOutModel(
    itemCount,
    [
      { name: 'item-gmf', width: dimension },
      { name: 'item-mlp', width: mlpDimension },
    ],
    dense,
  );
  return {
    name: 'neumf',
    itemCount,
    architecture,
    layout,
    tableWidths: [dimension, mlpDimension],
    privateSize: dimension + mlpDimension,
    local,
    backend: chooseBackend(backend, architecture, () => fusedNeuMf(shape), options),
    initialise(seed) {
      const random = seededRandom(seed);
      const shared = new Float32Array(layout.size);
      const fill = (name: string, deviation: number) => {
        const values = viewOf(layout, shared, name);
        for (let i = 0; i < values.length; i++) values[i] = deviation * random.gaussian();
      };
      fill('item-gmf', initialScale / Math.sqrt(dimension));
      fill('item-mlp', initialScale / Math.sqrt(mlpDimension));
      for (const { name, shape: tensor } of dense) {
        // He et al. (2015), "Delving deep into rectifiers": variance 2 / inputs keeps a rectified layer's scale.
        if (name.startsWith('hidden') && tensor.length === 2) fill(name, Math.sqrt(2 / tensor[1]));
      }
      fill('output.weights', Math.sqrt(1 / hiddenLayers[hiddenLayers.length - 1]));
      // The GMF branch starts as plain matrix factorisation.
      viewOf(layout, shared, 'output.weights').fill(1, 0, dimension);
      return shared;
    },
    freeze: (tables, values) => freezeNeuMf(shape, tables, values),
  };
}

/** @throws BackendError when the specification asks for tfjs and `options.tfjs` is not given. */
export function createNeuMf(specification: NeuMfSpecification, options: LocalSgdOptions = {}): Recommender {
  return createLocalSgdRecommender(neuMfModel(specification, options));
}

/** The scorers of on-device hybrids: plain recommenders of local SGD, whose item tables hold fused vectors. */
import { viewOf } from '../../../parameters/layout.ts';
import type { LocalBackend } from '../../local-sgd/backend.ts';
import { type LocalSgdModel, layOutModel } from '../../local-sgd/model.ts';
import type { FrozenScorer } from '../../local-sgd/scorer.ts';
import { matrixFactorisationModel } from '../../matrix-factorisation/matrix-factorisation.ts';
import { neuMfModel } from '../../neumf/neumf.ts';
import type { OnDeviceSpecification } from '../../specification.ts';
import type { Keys } from './attend.ts';
import { crossAttentionBackend, freezeCrossAttention } from './cross-attention.ts';

export interface HybridScoring {
  readonly model: Pick<LocalSgdModel, 'itemCount' | 'layout' | 'tableWidths' | 'privateSize' | 'local' | 'initialise'>;
  /**
   * How many of the tables, the first ones, are fused; the others are as they are. Biases are fused as a coordinate of their own: texts
   * tell something of how popular an item will be.
   */
  readonly fusedTables: number;
  /** Whether a user is scored by the history's vectors too. */
  readonly attends: boolean;
  backend(keys: Keys): LocalBackend;
  freeze(tables: readonly Float32Array[], dense: readonly Float32Array[], keys: Keys): FrozenScorer;
}

export function hybridScoring(specification: OnDeviceSpecification): HybridScoring {
  const { itemCount, dimension, initialScale, local, scorer } = specification;
  const shared = { itemCount, dimension, initialScale, local, backend: 'fused' } as const;
  if (scorer.kind === 'dot') {
    const model = matrixFactorisationModel({ kind: 'matrix-factorisation', ...shared });
    return { model, fusedTables: 2, attends: false, backend: () => model.backend, freeze: model.freeze };
  }
  if (scorer.kind === 'gmf-mlp') {
    const { mlpDimension, hiddenLayers } = scorer;
    const model = neuMfModel({ kind: 'neumf', ...shared, mlpDimension, hiddenLayers });
    return { model, fusedTables: 2, attends: false, backend: () => model.backend, freeze: model.freeze };
  }
  const plain = matrixFactorisationModel({ kind: 'matrix-factorisation', ...shared });
  const layout = layOutModel(
    itemCount,
    [
      { name: 'item-vectors', width: dimension },
      { name: 'item-biases', width: 1 },
    ],
    [{ name: 'attention', shape: [1] }],
  );
  return {
    model: {
      ...plain,
      layout,
      initialise(seed) {
        const parameters = new Float32Array(layout.size);
        parameters.set(plain.initialise(seed));
        viewOf(layout, parameters, 'attention')[0] = 1;
        return parameters;
      },
    },
    fusedTables: 2,
    attends: true,
    backend: (keys) => crossAttentionBackend(dimension, keys),
    freeze: (tables, dense, keys) => freezeCrossAttention(dimension, tables, dense, keys),
  };
}

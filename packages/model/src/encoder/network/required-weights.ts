/** The tensors that a network of a configuration is made of, with their shapes in the file. */
import type { EncoderConfiguration } from '../configuration.ts';
import { layerModules, layerProjections } from './module-names.ts';

export interface RequiredWeight {
  readonly name: string;
  /** As the file has it. */
  readonly shape: readonly number[];
  /** A linear map stored as [outputs, inputs], which the network wants as [inputs, outputs]. */
  readonly transposed: boolean;
}

/** What is before the first layer, and what follows the last. */
function outerWeights(configuration: EncoderConfiguration): RequiredWeight[] {
  const { vocabularySize, hiddenSize, maximumPositions } = configuration;
  const plain = (name: string, shape: readonly number[]) => ({ name, shape, transposed: false });
  const norm = (module: string, width: number) => [
    plain(`${module}.weight`, [width]),
    plain(`${module}.bias`, [width]),
  ];
  if (configuration.family === 'gpt2') {
    return [
      plain('wte.weight', [vocabularySize, hiddenSize]),
      plain('wpe.weight', [maximumPositions, hiddenSize]),
      ...norm('ln_f', hiddenSize),
    ];
  }
  const { embeddingSize, typeVocabularySize } = configuration;
  const table = (name: string, rows: number) => plain(`embeddings.${name}_embeddings.weight`, [rows, embeddingSize]);
  return [
    table('word', vocabularySize),
    table('position', maximumPositions),
    ...(typeVocabularySize > 0 ? [table('token_type', typeVocabularySize)] : []),
    ...norm('embeddings.LayerNorm', embeddingSize),
    ...(embeddingSize === hiddenSize
      ? []
      : [
          { name: 'embeddings_project.weight', shape: [hiddenSize, embeddingSize], transposed: true },
          plain('embeddings_project.bias', [hiddenSize]),
        ]),
  ];
}

/** All weights of a network, in the order in which they are read. */
export function requiredWeights(configuration: EncoderConfiguration): readonly RequiredWeight[] {
  const transposed = configuration.family === 'bert'; // GPT-2's Conv1D stores [inputs, outputs]
  const layers = Array.from({ length: configuration.layers }, (_, layer) => {
    const { attentionNorm, outputNorm } = layerModules(configuration, layer);
    const projections = layerProjections(configuration, layer).flatMap(({ module, inputs, outputs }) => [
      { name: `${module}.weight`, shape: transposed ? [outputs, inputs] : [inputs, outputs], transposed },
      { name: `${module}.bias`, shape: [outputs], transposed: false },
    ]);
    const norms = [attentionNorm, outputNorm].flatMap((module) =>
      ['weight', 'bias'].map((part) => ({
        name: `${module}.${part}`,
        shape: [configuration.hiddenSize],
        transposed: false,
      })),
    );
    return [...projections, ...norms];
  });
  return [...outerWeights(configuration), ...layers.flat()];
}

/** Number of float32 values of a network's weights. */
export function weightCount(configuration: EncoderConfiguration): number {
  return requiredWeights(configuration).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

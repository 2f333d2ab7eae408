/** An encoder's configuration from config.json, and from sentence-transformers' files beside it where there are some. */
import type { BertConfiguration, EncoderConfiguration } from '../configuration.ts';
import { EncoderError } from '../error.ts';
import { parseJsonObject } from '../json.ts';
import { type Fields, fieldsOf } from './fields.ts';
import { parsePooling } from './pooling.ts';

/** JSON files of a model's folder by their path in it, with forward slashes. */
export type EncoderTexts = Readonly<Record<string, string>>;

const supported = 'bert, distilbert, roberta, electra or gpt2';
/** Above any encoder that a device could hold; below what overflows when sizes are multiplied. */
const largestSize = 65_536;
const largestVocabulary = 4_194_304;
const largestLayers = 1_024;

/** @throws EncoderError 'missing-file', 'malformed' or 'unsupported-architecture', naming the field */
export function parseConfiguration(texts: EncoderTexts): EncoderConfiguration {
  const json = parseJsonObject('config.json', requiredText(texts, 'config.json'));
  const fields = fieldsOf('config.json', json);
  const type = fields.text('model_type');
  const configuration = withoutPooling(type, fields);
  if (configuration.hiddenSize % configuration.heads !== 0) {
    fields.refuse(
      `${configuration.heads} attention heads share a width of ${configuration.hiddenSize}`,
      'a width that the number of heads divides',
    );
  }
  return { ...configuration, ...parsePooling(texts, configuration.family === 'gpt2' ? 'last' : 'mean') };
}

/** @throws EncoderError 'missing-file' */
export function requiredText(texts: EncoderTexts, file: string): string {
  if (Object.hasOwn(texts, file)) return texts[file];
  throw new EncoderError({
    code: 'missing-file',
    problem: `there is no ${file}`,
    expected: 'a Hugging Face folder with config.json, tokenizer.json and model.safetensors',
    remedy: 'Download the whole model, or give the folder that has these files.',
  });
}

type Unpooled<T> = T extends EncoderConfiguration ? Omit<T, 'pooling' | 'normalise'> : never;

function withoutPooling(type: string, fields: Fields): Unpooled<EncoderConfiguration> {
  switch (type) {
    case 'bert':
    case 'roberta':
    case 'electra':
      return bert(type, fields);
    case 'distilbert':
      return distilBert(fields);
    case 'gpt2':
      return gpt2(fields);
    default:
      return fields.refuse(`model_type is ${JSON.stringify(type.slice(0, 60))}`, supported, 'unsupported-architecture');
  }
}

const size = { from: 1, to: largestSize };

function bert(architecture: 'bert' | 'roberta' | 'electra', fields: Fields): Unpooled<BertConfiguration> {
  const position = fields.text('position_embedding_type', 'absolute');
  if (position !== 'absolute') {
    fields.refuse(`position_embedding_type is ${JSON.stringify(position)}`, '"absolute"', 'unsupported-architecture');
  }
  if (fields.flag('is_decoder', false)) fields.refuse('is_decoder is true', 'false', 'unsupported-architecture');
  const hiddenSize = fields.count('hidden_size', size);
  const paddingId = padding(fields, architecture === 'roberta' ? 1 : 0);
  const firstPosition = architecture === 'roberta' ? paddingId + 1 : 0;
  return {
    family: 'bert',
    architecture,
    hiddenSize,
    layers: fields.count('num_hidden_layers', { from: 1, to: largestLayers }),
    heads: fields.count('num_attention_heads', size),
    intermediateSize: fields.count('intermediate_size', size),
    vocabularySize: fields.count('vocab_size', { from: 1, to: largestVocabulary }),
    maximumPositions: fields.count('max_position_embeddings', { from: firstPosition + 3, to: largestSize }),
    layerNormEpsilon: fields.positive('layer_norm_eps', 1e-12),
    activation: activation(fields, 'hidden_act', 'gelu'),
    embeddingSize: architecture === 'electra' ? fields.count('embedding_size', { ...size, default: 128 }) : hiddenSize,
    typeVocabularySize: fields.count('type_vocab_size', { from: 1, to: largestSize, default: 2 }),
    firstPosition,
    paddingId,
  };
}

function distilBert(fields: Fields): Unpooled<BertConfiguration> {
  const hiddenSize = fields.count('dim', size);
  return {
    family: 'bert',
    architecture: 'distilbert',
    hiddenSize,
    layers: fields.count('n_layers', { from: 1, to: largestLayers }),
    heads: fields.count('n_heads', size),
    intermediateSize: fields.count('hidden_dim', size),
    vocabularySize: fields.count('vocab_size', { from: 1, to: largestVocabulary }),
    maximumPositions: fields.count('max_position_embeddings', { from: 3, to: largestSize }),
    layerNormEpsilon: 1e-12, // fixed in the architecture
    activation: activation(fields, 'activation', 'gelu'),
    embeddingSize: hiddenSize,
    typeVocabularySize: 0,
    firstPosition: 0,
    paddingId: padding(fields, 0),
  };
}

function gpt2(fields: Fields): Unpooled<EncoderConfiguration> {
  for (const [name, needed] of [
    ['scale_attn_weights', true],
    ['scale_attn_by_inverse_layer_idx', false],
    ['add_cross_attention', false],
  ] as const) {
    if (fields.flag(name, needed) !== needed) {
      fields.refuse(`${name} is ${!needed}`, `${needed}`, 'unsupported-architecture');
    }
  }
  const hiddenSize = fields.count('n_embd', size);
  return {
    family: 'gpt2',
    hiddenSize,
    layers: fields.count('n_layer', { from: 1, to: largestLayers }),
    heads: fields.count('n_head', size),
    intermediateSize: fields.count('n_inner', { ...size, default: 4 * hiddenSize }),
    vocabularySize: fields.count('vocab_size', { from: 1, to: largestVocabulary }),
    maximumPositions: fields.count('n_positions', { from: 1, to: largestSize }),
    layerNormEpsilon: fields.positive('layer_norm_epsilon', 1e-5),
    activation: activation(fields, 'activation_function', 'gelu_new'),
  };
}

function padding(fields: Fields, missing: number): number {
  return fields.count('pad_token_id', { from: 0, to: largestSize, default: missing });
}

function activation(fields: Fields, name: string, missing: string): EncoderConfiguration['activation'] {
  switch (fields.text(name, missing)) {
    case 'gelu':
      return 'gelu';
    case 'gelu_new':
    case 'gelu_fast':
    case 'gelu_pytorch_tanh':
      return 'gelu-new';
    case 'relu':
      return 'relu';
    default:
      return fields.refuse(
        `${name} is ${JSON.stringify(fields.text(name).slice(0, 60))}`,
        'gelu, gelu_new, gelu_fast, gelu_pytorch_tanh or relu',
        'unsupported-architecture',
      );
  }
}

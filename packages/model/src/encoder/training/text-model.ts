/** An opened encoder as recommenders take it: encodings of any texts, and adapters to train on some. */
import type { LoraDescription, TextModel } from '../../encodings/text-model.ts';
import { createAdapter } from '../adapters/adapter.ts';
import type { LoraSettings } from '../adapters/settings.ts';
import { type BackendOptions, chooseBackend, type EncoderBackend } from '../backends/choose.ts';
import { requiredBytes } from '../backends/memory.ts';
import type { EncoderConfiguration } from '../configuration.ts';
import { EncoderError } from '../error.ts';
import { loadNetwork } from '../network/load.ts';
import type { OpenedEncoder } from '../opened-encoder.ts';
import { createTrainableEncoder, type TrainingOptions } from './trainable-encoder.ts';

export interface TextModelOptions extends TrainingOptions, Pick<BackendOptions, 'wasmPath'> {
  /** 'auto' by default: the fastest of those that read synchronously, as training needs. */
  readonly backend?: EncoderBackend | 'auto';
}

export interface LoadedTextModel extends TextModel {
  /** Frees the weights; nothing made of them may be used after. */
  dispose(): void;
}

/** @throws EncoderError where the backend is not there, or the weights are not a network's */
export async function createTextModel(
  { configuration, weights, tokenizer, hash }: OpenedEncoder,
  { backend = 'auto', wasmPath, ...options }: TextModelOptions = {},
): Promise<LoadedTextModel> {
  await chooseBackend(backend, { training: true, ...(wasmPath === undefined ? {} : { wasmPath }) });
  const network = await loadNetwork(configuration, weights);
  return {
    hash,
    adapterHash: null,
    width: network.width,
    encode: (texts) => network.encode(tokenizer.encode(texts)),
    requiredBytes: ({ training, texts, adapter }) => {
      // Encodings, and those about their mean; below adapted layers the states of a text's tokens.
      const states = adapter?.lastLayers ? configuration.hiddenSize * Math.min(128, configuration.maximumPositions) : 0;
      return requiredBytes(configuration, { training, ...options }) + 4 * texts * (2 * network.width + states);
    },
    trainable: (texts, description) => {
      const adapter = createAdapter(configuration, loraSettings(configuration, description), hash);
      return createTrainableEncoder(network, adapter, tokenizer.encode(texts), options);
    },
    dispose: () => network.dispose(),
  };
}

/** @throws EncoderError 'malformed' where more layers are adapted than there are */
export function loraSettings({ layers }: EncoderConfiguration, description: LoraDescription): LoraSettings {
  const { lastLayers, ...settings } = description;
  if (lastLayers !== null && lastLayers > layers) {
    throw new EncoderError({
      code: 'malformed',
      problem: `the adapter is of the last ${lastLayers} layers, the encoder has ${layers}`,
      expected: `at most ${layers}, or null for all`,
      remedy: 'Choose the adapter of the task for its encoder.',
    });
  }
  const { rank, alpha, targets, frozenA } = settings;
  const first = layers - (lastLayers ?? layers);
  const adapted = Array.from({ length: layers - first }, (_, at) => first + at);
  return { kind: 'lora', dropout: 0, rank, alpha, targets, frozenA, layers: adapted };
}

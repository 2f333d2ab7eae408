/** An encoder for a command: opened, loaded and described. */
import {
  type BackendOptions,
  chooseBackend,
  type EncoderBackend,
  encoderBackends,
  loadNetwork,
  maximumTokens,
  type OpenedEncoder,
} from '@tributary/model/encoder';
import { openEncoder } from '@tributary/model/encoder/node';
import { CommandError } from '../exit/command-error.ts';
import type { Output } from '../output/output.ts';

export interface LoadEncoderOptions {
  readonly model?: string;
  readonly maxTokens?: number;
  readonly backend: string;
}

export interface EncodedText {
  readonly ids: number[];
  readonly embedding: number[];
}

export interface TextEmbedder {
  /** SHA-256, hex, of weights, configuration, tokenizer, and of the number of tokens that is kept where it was chosen. */
  readonly hash: string;
  readonly width: number;
  /** Of several texts of like length at once; each text's embedding is what it would be alone. */
  encode(texts: readonly string[]): Promise<EncodedText[]>;
  dispose(): void;
}

/** @throws EncoderError for a bad folder, CommandError for options that no encoder has */
export async function loadEncoder(options: LoadEncoderOptions, output: Output): Promise<TextEmbedder> {
  const { model, maxTokens: maximumLength } = options;
  const backend = backendNamed(options.backend);
  const opened = await openEncoder(model ?? null);
  checkMaximum(opened, maximumLength);
  const used = await chooseBackend(backend);
  const network = await loadNetwork(opened.configuration, opened.weights);
  const name = model === undefined ? 'built-in' : model;
  output.note(`Encoder ${name}, licence ${opened.licence ?? 'not named in the folder'}, backend ${used}.`);
  output.note(`Hash ${opened.hash}.`);
  return {
    // Another number of tokens gives other vectors.
    hash: maximumLength === undefined ? opened.hash : `${opened.hash}/${maximumLength}`,
    width: network.width,
    encode: async (texts) => {
      const batch = opened.tokenizer.encode(texts, maximumLength === undefined ? {} : { maximumLength });
      const values = await network.encode(batch);
      return texts.map((_, row) => {
        const from = row * batch.length;
        const tokens = batch.mask.subarray(from, from + batch.length).reduce((sum, one) => sum + one, 0);
        return {
          ids: [...batch.ids.subarray(from, from + tokens)],
          embedding: [...values.subarray(row * network.width, (row + 1) * network.width)],
        };
      });
    },
    dispose: () => network.dispose(),
  };
}

/** Makes a backend TensorFlow.js's current one, and says which. @throws CommandError for a name that is none, EncoderError */
export async function useBackend(name: string, options: BackendOptions = {}): Promise<EncoderBackend> {
  return chooseBackend(backendNamed(name), options);
}

function backendNamed(name: string): Parameters<typeof chooseBackend>[0] {
  const names = ['auto', ...encoderBackends] as const;
  const found = names.find((known) => known === name);
  if (found) return found;
  throw new CommandError('usage', `There is no backend ${JSON.stringify(name)}.`, {
    advice: `Choose one of ${names.join(', ')}.`,
  });
}

function checkMaximum({ configuration }: OpenedEncoder, asked: number | undefined): void {
  const most = maximumTokens(configuration);
  if (asked === undefined || asked <= most) return;
  throw new CommandError('usage', `--max-tokens is ${asked}; the encoder has ${most} positions.`, {
    advice: `Give at most ${most}.`,
  });
}

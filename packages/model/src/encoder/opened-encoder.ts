import type { EncoderConfiguration } from './configuration.ts';
import type { TextTokenizer } from './tokenizer.ts';
import type { WeightSource } from './weights.ts';

/** An encoder's files, checked and ready to be loaded. */
export interface OpenedEncoder {
  readonly configuration: EncoderConfiguration;
  readonly weights: WeightSource;
  readonly tokenizer: TextTokenizer;
  /** SHA-256, hex, of everything that an encoding depends on: weights, configuration, tokenizer. */
  readonly hash: string;
  /** As the model's files name it, e.g. "apache-2.0"; null where they do not. */
  readonly licence: string | null;
}

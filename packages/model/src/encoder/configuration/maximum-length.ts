import type { EncoderConfiguration } from '../configuration.ts';
import { isRecord, parseJsonObject } from '../json.ts';
import type { EncoderTexts } from './parse.ts';

/** Tokens that an encoder has positions for. */
export function maximumTokens(configuration: EncoderConfiguration): number {
  const first = configuration.family === 'bert' ? configuration.firstPosition : 0;
  return configuration.maximumPositions - first;
}

/**
 * Tokens that are kept of a text, special ones included: the smallest limit that the folder names. all-MiniLM-L6-v2 says 128 in
 * tokenizer.json, 256 in sentence_bert_config.json and 512 in the others; it was trained with 128.
 */
export function maximumLength(texts: EncoderTexts, configuration: EncoderConfiguration): number {
  const read = (file: string) => (texts[file] === undefined ? {} : parseJsonObject(file, texts[file]));
  const { truncation } = read('tokenizer.json');
  const limits = [
    isRecord(truncation) ? truncation.max_length : undefined,
    read('sentence_bert_config.json').max_seq_length,
    // "No limit" is written as 1e30 there.
    read('tokenizer_config.json').model_max_length,
  ].filter((limit): limit is number => typeof limit === 'number' && limit >= 3);
  return Math.floor(Math.min(maximumTokens(configuration), ...limits));
}

import { maximumLength } from '../configuration/maximum-length.ts';
import { type EncoderTexts, requiredText } from '../configuration/parse.ts';
import type { EncoderConfiguration } from '../configuration.ts';
import type { TextTokenizer } from '../tokenizer.ts';
import { createTokenizer } from './create-tokenizer.ts';

/** The tokenizer of a folder's files, within the limits of its encoder. @throws EncoderError */
export function readTokenizer(texts: EncoderTexts, configuration: EncoderConfiguration): TextTokenizer {
  return createTokenizer(requiredText(texts, 'tokenizer.json'), {
    vocabularySize: configuration.vocabularySize,
    maximumLength: maximumLength(texts, configuration),
    // GPT-2 has no padding token; its causal mask keeps what stands behind a text from it, whatever the id.
    paddingId: configuration.family === 'bert' ? configuration.paddingId : 0,
  });
}

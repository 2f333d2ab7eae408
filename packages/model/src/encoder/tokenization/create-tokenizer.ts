/** A tokenizer from Hugging Face's tokenizer.json, by @huggingface/tokenizers with what it lacks or does otherwise than the reference. */
import { Tokenizer } from '@huggingface/tokenizers';
import { EncoderError } from '../error.ts';
import { isRecord, parseJsonObject } from '../json.ts';
import type { TextTokenizer, TokenizerOptions } from '../tokenizer.ts';
import { normaliseBertText, splitBertWords } from './bert-text.ts';
import { padTexts } from './pad.ts';
import { safeCut } from './safe-cut.ts';

export interface TokenizerLimits {
  /** Rows of the encoder's token embeddings. */
  readonly vocabularySize: number;
  /** Tokens of a text that the encoder takes, special ones included. */
  readonly maximumLength: number;
  readonly paddingId: number;
}

const supportedModels = ['WordPiece', 'BPE'];
/** GPT-2's words (Radford et al. 2019). */
const byteLevelWords =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;
/** A token rarely takes more characters than this; where it does, more of the text is read. */
const charactersPerToken = 8;

/**
 * Reads tokenizer.json. Its own padding and truncation are ignored: batches are padded to their longest text.
 * @throws EncoderError 'malformed', 'unsupported-architecture' for a model other than WordPiece and BPE, 'vocabulary-mismatch'
 * where an id has no row in the encoder's embeddings
 */
export function createTokenizer(tokenizerJson: string, limits: TokenizerLimits): TextTokenizer {
  const json = parseJsonObject('tokenizer.json', tokenizerJson);
  const vocabularySize = checkVocabulary(json, limits.vocabularySize);
  const tokenizer = openTokenizer(json);
  followReference(tokenizer, json);
  const special = specialTokens(tokenizer);
  const cuttable = !addedTokens(json).some(
    ({ content, lstrip, rstrip }) => /\s/.test(`${content}`) || lstrip || rstrip,
  );

  /** At least the first `count` ids of a text, without special tokens. */
  const firstIds = (text: string, count: number): number[] => {
    for (let characters = count * charactersPerToken; cuttable && characters < text.length; characters *= 4) {
      const cut = safeCut(text, characters);
      if (cut === text.length) break;
      const { ids } = tokenizer.encode(text.slice(0, cut), { add_special_tokens: false });
      if (ids.length >= count) return ids;
    }
    return tokenizer.encode(text, { add_special_tokens: false }).ids;
  };
  const encodeOne = (text: string, options: TokenizerOptions = {}): Int32Array => {
    const maximumLength = options.maximumLength ?? limits.maximumLength;
    checkLength(maximumLength, special.before.length + special.after.length);
    const room = maximumLength - special.before.length - special.after.length;
    // A lone surrogate has no UTF-8: the character that stands for what cannot be said takes its place.
    const ids = firstIds(text.replace(/\p{Surrogate}/gu, '\ufffd'), room).slice(0, room);
    return Int32Array.from([...special.before, ...ids, ...special.after]);
  };
  return {
    vocabularySize,
    maximumLength: limits.maximumLength,
    encodeOne,
    encode: (texts, options) =>
      padTexts(
        texts.map((text) => encodeOne(text, options)),
        limits.paddingId,
      ),
  };
}

function checkLength(maximumLength: number, special: number): void {
  if (Number.isInteger(maximumLength) && maximumLength > special) return;
  throw new EncoderError({
    code: 'malformed',
    problem: `the longest text is to have ${maximumLength} tokens`,
    expected: `a whole number above ${special}, the special tokens of a text`,
    remedy: 'Give a larger maximum length.',
  });
}

function addedTokens(json: Record<string, unknown>): Record<string, unknown>[] {
  return Array.isArray(json.added_tokens) ? json.added_tokens.filter(isRecord) : [];
}

/** @returns one more than the largest id */
function checkVocabulary(json: Record<string, unknown>, rows: number): number {
  const { model } = json;
  const type = isRecord(model) ? model.type : undefined;
  if (!isRecord(model) || typeof type !== 'string' || !supportedModels.includes(type)) {
    throw new EncoderError({
      code: 'unsupported-architecture',
      problem: `tokenizer.json has a model of type ${JSON.stringify(type)}`,
      expected: supportedModels.join(' or '),
      remedy: 'Choose an encoder of a supported family.',
    });
  }
  const ids = [...Object.values(isRecord(model.vocab) ? model.vocab : {}), ...addedTokens(json).map(({ id }) => id)];
  let size = 0;
  for (const id of ids) {
    if (!Number.isSafeInteger(id) || (id as number) < 0) {
      throw malformed(`tokenizer.json has ${JSON.stringify(id)} for a token's id`, 'non-negative integers');
    }
    size = Math.max(size, (id as number) + 1);
  }
  if (size === 0) throw malformed('tokenizer.json has no vocabulary', 'model.vocab with a token or more');
  if (size > rows) {
    throw new EncoderError({
      code: 'vocabulary-mismatch',
      problem: `tokenizer.json has ids up to ${size - 1}`,
      expected: `at most ${rows - 1}, since config.json says ${rows} tokens`,
      remedy: 'Take the tokenizer and the weights of one and the same model.',
    });
  }
  return size;
}

/** What is used of the library, whose own declarations TypeScript cannot resolve under NodeNext. */
interface LibraryTokenizer {
  readonly normalizer: { normalize: (text: string) => string } | null;
  readonly pre_tokenizer: { pre_tokenize_text: (text: string) => string[]; pattern?: RegExp } | null;
  encode(text: string, options?: { readonly add_special_tokens: boolean }): { readonly ids: number[] };
}

function openTokenizer(json: Record<string, unknown>): LibraryTokenizer {
  const defaults = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, added_tokens: [] };
  try {
    return new Tokenizer({ ...defaults, ...json, truncation: null, padding: null }, {});
  } catch (cause) {
    throw malformed(
      `tokenizer.json cannot be read: ${cause instanceof Error ? cause.message : cause}`,
      'a file of Hugging Face tokenizers',
      { cause },
    );
  }
}

/** Puts the reference's text handling in the place of the library's where they differ. */
function followReference(tokenizer: LibraryTokenizer, json: Record<string, unknown>): void {
  const { normalizer, pre_tokenizer: splitter } = tokenizer;
  if (normalizer && isRecord(json.normalizer) && json.normalizer.type === 'BertNormalizer') {
    const { clean_text, handle_chinese_chars, lowercase, strip_accents } = json.normalizer;
    const lowerCase = lowercase !== false;
    const rules = {
      cleanText: clean_text !== false,
      separateCjk: handle_chinese_chars !== false,
      lowerCase,
      stripAccents: typeof strip_accents === 'boolean' ? strip_accents : lowerCase,
    };
    normalizer.normalize = (text) => normaliseBertText(text, rules);
  }
  const kind = isRecord(json.pre_tokenizer) ? json.pre_tokenizer.type : undefined;
  if (splitter && kind === 'BertPreTokenizer') splitter.pre_tokenize_text = splitBertWords;
  // The library's \s counts U+FEFF and not U+0085 as white space.
  if (splitter && kind === 'ByteLevel') splitter.pattern = byteLevelWords;
}

/** The ids that stand before and after those of every text. */
function specialTokens(tokenizer: LibraryTokenizer): { before: readonly number[]; after: readonly number[] } {
  const probe = 'a';
  const bare = tokenizer.encode(probe, { add_special_tokens: false }).ids;
  const { ids } = tokenizer.encode(probe);
  const at = ids.findIndex((_, start) => bare.every((id, offset) => ids[start + offset] === id));
  if (bare.length === 0 || at < 0) {
    throw malformed('tokenizer.json gives no token for the text "a"', 'a vocabulary that covers any text');
  }
  return { before: ids.slice(0, at), after: ids.slice(at + bare.length) };
}

function malformed(problem: string, expected: string, options?: ErrorOptions): EncoderError {
  return new EncoderError(
    { code: 'malformed', problem, expected, remedy: 'Download the model again, or choose another one.' },
    options,
  );
}

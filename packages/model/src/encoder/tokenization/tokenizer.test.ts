import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EncoderError } from '../error.ts';
import { createTokenizer } from './create-tokenizer.ts';
import { safeCut } from './safe-cut.ts';
import { fuzzedTexts, goldenText, miniLmFolder, miniLmMissing, referenceIds, whyMissing } from './tokenizer.cases.ts';

const limits = { vocabularySize: 30522, maximumLength: 128, paddingId: 0 };
const letters = [...'abcdefghijklmnopqrstuvwxyz0123456789.,!世界'];
/** A WordPiece vocabulary that knows single letters. */
const vocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', ...letters, ...letters.map((letter) => `##${letter}`)];
const special = (content: string) => ({ id: vocabulary.indexOf(content), content, special: true, normalized: false });
const small = {
  truncation: { max_length: 4 },
  padding: { strategy: { Fixed: 99 } },
  added_tokens: ['[PAD]', '[UNK]', '[CLS]', '[SEP]'].map(special),
  normalizer: {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] },
  decoder: null,
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
  },
};
const tokenizer = createTokenizer(JSON.stringify(small), limits);
const wide = { maximumLength: 1e9 };

describe('a tokenizer', () => {
  it('pads to the longest text of the batch and cuts in the middle, whatever tokenizer.json says of both', () => {
    const batch = tokenizer.encode(['ab', 'abcdefgh', ''], { maximumLength: 6 });
    const id = (token: string) => vocabulary.indexOf(token);
    expect(batch).toEqual({
      size: 3,
      length: 6,
      ids: Int32Array.from([
        ...[2, id('a'), id('##b'), 3, 0, 0],
        ...[2, id('a'), id('##b'), id('##c'), id('##d'), 3],
        ...[2, 3, 0, 0, 0, 0],
      ]),
      mask: Int32Array.of(1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0),
      typeIds: new Int32Array(18),
    });
  });

  it('has no limit of its own beside the one that it is given', () => {
    expect(tokenizer.encodeOne('a '.repeat(500))).toHaveLength(128);
    expect(tokenizer.encodeOne('a '.repeat(500), wide)).toHaveLength(502);
  });

  it('gives the first ids of a cut text whatever is behind the cut', () => {
    const word = fc.oneof(
      fc.constantFrom('a', 'b.c', '世', '\u0301', '\u200b', '[SEP]', 'é', '', '\n'),
      fc.string({ unit: 'binary' }),
    );
    const text = fc.array(word, { minLength: 20, maxLength: 120 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(text, fc.integer({ min: 3, max: 40 }), (value, maximumLength) => {
        const all = tokenizer.encodeOne(value, wide);
        const expected = all.length > maximumLength ? [...all.slice(0, maximumLength - 1), 3] : [...all];
        expect([...tokenizer.encodeOne(value, { maximumLength })]).toEqual(expected);
      }),
    );
  });

  it('reads no more of 100,000 characters than it needs, and takes texts that have no place to cut', () => {
    const text = 'abc def '.repeat(12_500);
    expect(safeCut(text, 1024)).toBeLessThan(1100);
    expect([...tokenizer.encodeOne(text)]).toEqual([...tokenizer.encodeOne(text.slice(0, 2000))]);
    for (const unit of ['a', ' ', '世', '\u0301', '\u202e', '👍']) {
      expect(tokenizer.encodeOne(unit.repeat(100_000)).length).toBeLessThanOrEqual(128);
    }
  });

  it('takes a lone surrogate for the character that stands for what cannot be said', () => {
    expect([...tokenizer.encodeOne('a\ud83db')]).toEqual([...tokenizer.encodeOne('a\ufffdb')]);
  });

  it.each([
    ['a vocabulary that the encoder has no rows for', { ...limits, vocabularySize: 10 }, small, 'vocabulary-mismatch'],
    ['another model', limits, { ...small, model: { type: 'Unigram', vocab: [] } }, 'unsupported-architecture'],
    ['a negative id', limits, { ...small, model: { ...small.model, vocab: { a: -1 } } }, 'malformed'],
    ['an empty vocabulary', limits, { ...small, added_tokens: [], model: { ...small.model, vocab: {} } }, 'malformed'],
    ['an unknown normaliser', limits, { ...small, normalizer: { type: 'Unheard' } }, 'malformed'],
  ])('refuses %s', (_, bounds, json, code) => {
    expect(() => createTokenizer(JSON.stringify(json), bounds)).toThrow(EncoderError);
    expect(() => createTokenizer(JSON.stringify(json), bounds)).toThrow(expect.objectContaining({ code }));
  });

  it('refuses a length that the special tokens fill', () => {
    expect(() => tokenizer.encodeOne('a', { maximumLength: 2 })).toThrow(/above 2/);
  });
});

it('of bytes, as GPT-2 and RoBERTa have it, gives the ids of Python tokenizers on 1,000 fuzzed texts', () => {
  const bytes = createTokenizer(goldenText('tokenizer-byte-level.json'), { ...limits, paddingId: 1 });
  const expected = referenceIds('tokenizer-ids-byte-level.json');
  const wrong = fuzzedTexts.filter((text, at) => `${bytes.encodeOne(text, wide)}` !== `${expected[at]}`);
  expect(wrong).toEqual([]);
});

describe.skipIf(miniLmMissing)(`the tokenizer of all-MiniLM-L6-v2${whyMissing}`, () => {
  it('gives the ids of Python tokenizers on 1,000 fuzzed texts', () => {
    const real = createTokenizer(readFileSync(join(miniLmFolder, 'tokenizer.json'), 'utf8'), limits);
    const expected = referenceIds('tokenizer-ids-mini-lm.json');
    const wrong = fuzzedTexts.filter((text, at) => `${real.encodeOne(text, wide)}` !== `${expected[at]}`);
    expect(fuzzedTexts).toHaveLength(1000);
    expect(wrong).toEqual([]);
  });
});

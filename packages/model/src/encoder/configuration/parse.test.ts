import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { miniLmConfiguration } from '../network/mini-lm.cases.ts';
import { encoderGoldens } from '../network/network.cases.ts';
import { miniLmFolder, miniLmMissing, whyMissing } from '../tokenization/tokenizer.cases.ts';
import { maximumLength } from './maximum-length.ts';
import { parseConfiguration } from './parse.ts';

const bert = {
  model_type: 'bert',
  hidden_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 32,
  vocab_size: 60,
  max_position_embeddings: 24,
};
/** What transformers writes for the encoders of test/golden/encoder.json. */
const written = {
  bert,
  distilbert: {
    model_type: 'distilbert',
    dim: 16,
    n_layers: 2,
    n_heads: 2,
    hidden_dim: 32,
    vocab_size: 60,
    max_position_embeddings: 24,
  },
  roberta: { ...bert, model_type: 'roberta', type_vocab_size: 1, pad_token_id: 1, layer_norm_eps: 1e-12 },
  electra: { ...bert, model_type: 'electra', embedding_size: 8 },
  gpt2: { model_type: 'gpt2', n_embd: 16, n_layer: 2, n_head: 2, n_inner: 32, n_positions: 24, vocab_size: 60 },
};
const files = (config: unknown, others: Record<string, unknown> = {}) =>
  Object.fromEntries(
    Object.entries({ 'config.json': config, ...others }).map(([name, json]) => [name, JSON.stringify(json)]),
  );
const modules = (...types: string[]) =>
  types.map((type, idx) => ({
    idx,
    path: idx === 0 ? '' : `${idx}_${type}`,
    type: `sentence_transformers.models.${type}`,
  }));
const pooled = (mode: unknown) =>
  files(bert, { 'modules.json': modules('Transformer', 'Pooling'), '1_Pooling/config.json': mode });

describe('a configuration', () => {
  it.each(encoderGoldens.map(({ architecture, configuration }) => [architecture, configuration] as const))(
    'of %s is what transformers computes with',
    (architecture, configuration) => {
      const parsed = parseConfiguration(files(written[architecture as keyof typeof written]));
      expect(parsed).toEqual({ ...configuration, pooling: parsed.pooling, normalise: false });
    },
  );

  it.each([
    ['mean', { pooling_mode_cls_token: false, pooling_mode_mean_tokens: true }],
    ['cls', { pooling_mode_cls_token: true, pooling_mode_mean_tokens: false }],
    ['last', { pooling_mode_lasttoken: true }],
    ['cls', { pooling_mode: 'cls' }],
  ])('pools by %s where sentence-transformers says so', (pooling, mode) => {
    expect(parseConfiguration(pooled(mode))).toMatchObject({ pooling, normalise: false });
  });

  it('keeps the smallest number of tokens that the folder names', () => {
    const others = {
      'sentence_bert_config.json': { max_seq_length: 20 },
      'tokenizer_config.json': { model_max_length: 1e30 },
    };
    const texts = files(bert, others);
    expect(maximumLength(texts, parseConfiguration(texts))).toBe(20);
    const roberta = files(written.roberta);
    expect(maximumLength(roberta, parseConfiguration(roberta))).toBe(22);
  });

  it.each([
    ['another architecture', files({ ...bert, model_type: 't5' }), /"t5".*bert, distilbert, roberta, electra or gpt2/],
    ['relative positions', files({ ...bert, position_embedding_type: 'relative_key' }), /relative_key/],
    ['a decoder', files({ ...bert, is_decoder: true }), /is_decoder/],
    ['another activation', files({ ...bert, hidden_act: 'silu' }), /silu/],
    ['a missing size', files({ ...bert, hidden_size: undefined }), /hidden_size is missing/],
    ['a negative size', files({ ...bert, num_hidden_layers: -1 }), /num_hidden_layers is -1/],
    ['a size without end', files({ ...bert, hidden_size: 1e300 }), /hidden_size is 1e\+300/],
    ['heads that do not divide the width', files({ ...bert, num_attention_heads: 3 }), /3 attention heads/],
    ['a dense layer', files(bert, { 'modules.json': modules('Transformer', 'Pooling', 'Dense') }), /"Dense"/],
    ['two poolings', pooled({ pooling_mode_cls_token: true, pooling_mode_mean_tokens: true }), /cls_token and/],
    ['the maximum', pooled({ pooling_mode_max_tokens: true }), /max_tokens/],
    ['a path out of the folder', files(bert, { 'modules.json': [{ type: 'Pooling', path: '../x' }] }), /"..\/x"/],
    ['no configuration', {}, /no config\.json/],
    ['text that is not JSON', { 'config.json': '{' }, /not a JSON object/],
  ])('refuses %s by name', (_, texts, message) => {
    expect(() => parseConfiguration(texts)).toThrow(message);
    expect(() => parseConfiguration(texts)).toThrow(expect.objectContaining({ name: 'EncoderError' }));
  });

  it.skipIf(miniLmMissing)(`of all-MiniLM-L6-v2 is read from its folder${whyMissing}`, () => {
    const names = [
      'config.json',
      'modules.json',
      '1_Pooling/config.json',
      'sentence_bert_config.json',
      'tokenizer.json',
    ];
    const texts = Object.fromEntries(names.map((name) => [name, readFileSync(join(miniLmFolder, name), 'utf8')]));
    const configuration = parseConfiguration(texts);
    expect(configuration).toEqual(miniLmConfiguration);
    expect(maximumLength(texts, configuration)).toBe(128);
  });
});

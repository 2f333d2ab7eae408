import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../safetensors/index.ts';
import { EncoderError } from '../error.ts';
import { loadNetwork } from '../network/load.ts';
import { encoderGoldens, largestDifference, tokenBatch, unpack } from '../network/network.cases.ts';
import { miniLmFolder, miniLmMissing, whyMissing } from '../tokenization/tokenizer.cases.ts';
import { openEncoderFolder } from './open-folder.ts';
import { parseShardIndex } from './shards.ts';

const [golden] = encoderGoldens;
const config = {
  model_type: 'bert',
  hidden_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 32,
  vocab_size: 60,
  max_position_embeddings: 24,
};
const modules = ['Transformer', 'Pooling', 'Normalize'].map((type, at) => ({ path: at === 0 ? '' : type, type }));
const tokenizer = {
  added_tokens: [],
  model: { type: 'WordPiece', unk_token: 'b', continuing_subword_prefix: '##', vocab: { a: 0, b: 1, c: 2 } },
};
const tensors = Object.entries(golden.weights).map(([name, packed]) => ({
  name: `bert.${name}`,
  shape: packed.shape,
  values: unpack(packed),
}));
const weights = (from = 0, to = tensors.length) => writeSafetensors({ tensors: tensors.slice(from, to), metadata: {} });
const sound: Readonly<Record<string, string | Uint8Array>> = {
  'config.json': JSON.stringify(config),
  'modules.json': JSON.stringify(modules),
  'tokenizer.json': JSON.stringify(tokenizer),
  'model.safetensors': weights(),
  'README.md': '---\ntags: []\nlicense: apache-2.0\n---\n# Tiny',
};

const folders: string[] = [];
function folderOf(files: Readonly<Record<string, string | Uint8Array | undefined>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'encoder-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    if (content === undefined) continue;
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A file of these tensors, as they are typed. */
function typedFile(
  entries: Readonly<Record<string, { dtype: string; shape: number[]; bytes: Uint8Array }>>,
): Uint8Array {
  let end = 0;
  const header = Object.entries(entries).map(([name, { dtype, shape, bytes }]) => {
    end += bytes.length;
    return [name, { dtype, shape, data_offsets: [end - bytes.length, end] }];
  });
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const length = new Uint8Array(new BigUint64Array([BigInt(text.length)]).buffer);
  return Uint8Array.from([...length, ...text, ...Object.values(entries).flatMap(({ bytes }) => [...bytes])]);
}

const shards = {
  ...sound,
  'model.safetensors': undefined,
  'one.safetensors': weights(0, 10),
  'two.safetensors': weights(10),
  'model.safetensors.index.json': JSON.stringify({
    weight_map: Object.fromEntries(
      tensors.map(({ name }, at) => [name, at < 10 ? 'one.safetensors' : 'two.safetensors']),
    ),
  }),
};

describe('an encoder folder', () => {
  it.each([
    ['one file', sound],
    ['two shards', shards],
  ])('of %s encodes as transformers does, whatever prefix the names have', async (_, files) => {
    await tf.setBackend('cpu');
    const opened = await openEncoderFolder(folderOf(files));
    const network = await loadNetwork(opened.configuration, opened.weights);
    const encoded = await network.encode(tokenBatch(golden.batch));
    network.dispose();
    const mean = unpack(golden.pooled.mean);
    const normalised = Array.from({ length: golden.batch.size }, (_, row) => {
      const vector = [...mean.subarray(row * 16, (row + 1) * 16)];
      return vector.map((value) => value / Math.hypot(...vector));
    });
    expect(largestDifference(encoded, normalised.flat())).toBeLessThan(1e-5);
    expect(opened.licence).toBe('apache-2.0');
  });

  it('has a hash that every byte of weights, configuration and tokenizer changes, and nothing else', async () => {
    const hashOf = async (change: Readonly<Record<string, string | Uint8Array>>) =>
      (await openEncoderFolder(folderOf({ ...sound, ...change }))).hash;
    const changed = weights();
    changed[changed.length - 1] ^= 1;
    const hashes = [
      await hashOf({}),
      await hashOf({ 'model.safetensors': changed }),
      await hashOf({ 'config.json': JSON.stringify({ ...config, layer_norm_eps: 1e-6 }) }),
      await hashOf({ 'tokenizer.json': JSON.stringify({ ...tokenizer, version: '1.1' }) }),
      await hashOf({ 'modules.json': JSON.stringify(modules.slice(0, 2)) }),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(await hashOf({ 'README.md': 'other' })).toBe(hashes[0]);
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  it('reads int8 by the scale of each row', async () => {
    const file = typedFile({
      w: { dtype: 'I8', shape: [2, 2], bytes: Uint8Array.of(1, 255, 127, 128) },
      'w.scale': { dtype: 'F32', shape: [2], bytes: new Uint8Array(Float32Array.of(0.5, 2).buffer) },
    });
    const { weights: opened } = await openEncoderFolder(folderOf({ ...sound, 'model.safetensors': file }));
    expect(opened.names).toEqual(['w']);
    expect(await opened.read('w')).toEqual(Float32Array.of(0.5, -0.5, 254, -256));
  });

  it('refuses NaN when it is read', async () => {
    const file = writeSafetensors({
      tensors: [{ name: 'w', shape: [1], values: Float32Array.of(Number.NaN) }],
      metadata: {},
    });
    const { weights: opened } = await openEncoderFolder(folderOf({ ...sound, 'model.safetensors': file }));
    await expect(opened.read('w')).rejects.toMatchObject({ code: 'not-finite' });
  });

  it.each([
    ['no weights', { 'model.safetensors': undefined }, 'missing-file', /neither model\.safetensors/],
    ['no tokenizer', { 'tokenizer.json': undefined }, 'missing-file', /tokenizer\.json/],
    ['no configuration', { 'config.json': undefined }, 'missing-file', /config\.json/],
    ['truncated weights', { 'model.safetensors': weights().slice(0, 5000) }, 'malformed', /cut short/],
    [
      'a smaller vocabulary',
      { 'config.json': JSON.stringify({ ...config, vocab_size: 2 }) },
      'vocabulary-mismatch',
      /up to 2/,
    ],
    ['a missing shard', { ...shards, 'two.safetensors': undefined }, 'missing-file', /no two\.safetensors/],
    ['a shard without its tensors', { ...shards, 'two.safetensors': weights(11) }, 'malformed', /which no file has/],
    ['a tensor in two shards', { ...shards, 'two.safetensors': weights(9) }, 'malformed', /earlier file has too/],
  ])('with %s is refused', async (_, change, code, message) => {
    const opening = openEncoderFolder(folderOf({ ...sound, ...change }));
    await expect(opening).rejects.toThrow(message);
    await expect(opening).rejects.toMatchObject({ name: 'EncoderError', code });
  });

  it('that is not there is named', async () => {
    await expect(openEncoderFolder('/nowhere/at-all')).rejects.toThrow(/no folder \/nowhere\/at-all/);
  });

  it.each(['../x.safetensors', '/etc/x.safetensors', 'a/b.safetensors', '..\\x.safetensors', 'x.bin'])(
    'takes no file from elsewhere: %s',
    (file) => {
      expect(() => parseShardIndex(JSON.stringify({ weight_map: { w: file } }))).toThrow(EncoderError);
    },
  );

  it('answers any change of its weights file with a typed error or finite numbers', async () => {
    const bytes = writeSafetensors({
      tensors: [{ name: 'w', shape: [2, 2], values: new Float32Array(4) }],
      metadata: {},
    });
    const folder = folderOf(sound);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), fc.boolean(), async (at, value, cut) => {
        writeFileSync(join(folder, 'model.safetensors'), cut ? bytes.slice(0, at) : bytes.with(at, value));
        try {
          const { weights: opened } = await openEncoderFolder(folder);
          for (const name of opened.names) expect((await opened.read(name)).every(Number.isFinite)).toBe(true);
          expect(cut).toBe(false);
        } catch (error) {
          if (!(error instanceof EncoderError)) throw error;
        }
      }),
    );
  });

  it.skipIf(miniLmMissing)(
    `of all-MiniLM-L6-v2 lists a type that is not read, and has no licence in it${whyMissing}`,
    async () => {
      const opened = await openEncoderFolder(miniLmFolder);
      expect(opened.weights.shapeOf('embeddings.word_embeddings.weight')).toEqual([30522, 384]);
      await expect(opened.weights.read('embeddings.position_ids')).rejects.toThrow(/I64/);
      expect(opened.tokenizer.maximumLength).toBe(128);
    },
  );
});

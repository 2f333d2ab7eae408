import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { loadNetwork } from '../network/load.ts';
import { largestDifference } from '../network/network.cases.ts';
import { fuzzedTexts, referenceIds } from '../tokenization/tokenizer.cases.ts';
import { openBuiltInEncoder } from './open.ts';

it('opens as a folder does, and encodes as transformers does', async () => {
  const golden = JSON.parse(
    readFileSync(new URL('../../../../../test/golden/built-in-encoder.json', import.meta.url), 'utf8'),
  ) as { readonly text: string; readonly ids: number[]; readonly encoding: number[] }[];
  await tf.setBackend('cpu');
  const { configuration, weights, tokenizer } = await openBuiltInEncoder();
  const network = await loadNetwork(configuration, weights);
  for (const { text, ids, encoding } of golden) {
    const batch = tokenizer.encode([text]);
    expect([...batch.ids]).toEqual(ids);
    expect(largestDifference(await network.encode(batch), encoding)).toBeLessThan(1e-4);
  }
  network.dispose();
});

it('gives the ids of Python tokenizers on 1,000 fuzzed texts', async () => {
  const { tokenizer } = await openBuiltInEncoder();
  const expected = referenceIds('tokenizer-ids-built-in.json');
  const wide = { maximumLength: 1e9 };
  const wrong = fuzzedTexts.filter((text, at) => `${tokenizer.encodeOne(text, wide)}` !== `${expected[at]}`);
  expect(fuzzedTexts).toHaveLength(1000);
  expect(wrong).toEqual([]);
});

import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { coldItems, coldNdcg } from './cold-items.cases.ts';
import { type BuiltInEncoderFiles, builtInEncoderFiles } from './files.ts';
import { plainEncoder } from './plain-encoder.cases.ts';
import { reworded } from './rewording.cases.ts';
import { dot, hashed, tfIdf, truncated } from './tf-idf.cases.ts';
import { triplets } from './triplets.cases.ts';

/** Made by test/golden/built_in_encoder.py: transformers on the same file. */
const golden = JSON.parse(
  readFileSync(new URL('../../../../../test/golden/built-in-encoder.json', import.meta.url), 'utf8'),
) as { readonly text: string; readonly ids: number[]; readonly encoding: number[] }[];

const width = 128;
let files: BuiltInEncoderFiles;
let encode: (text: string) => Float32Array;
beforeAll(async () => {
  files = await builtInEncoderFiles();
  encode = plainEncoder(files);
});

/** Share of triplets whose near text is nearer than the far one; a tie counts half. */
function accuracy(nearness: (a: string, b: string) => number): number {
  let right = 0;
  for (const { text, near, far } of triplets) {
    right += (Math.sign(nearness(text, near) - nearness(text, far)) + 1) / 2;
  }
  return right / triplets.length;
}

describe('the built-in encoder', () => {
  it('is the file that its hash names, and takes less than 2 MB', () => {
    expect(bytesToHex(sha256(files.weights))).toBe(files.hash);
    expect(files.weights.length).toBeLessThan(2e6);
  });

  it('has a piece for every Latin letter and digit, so that no such word is unknown to it', () => {
    const { model } = JSON.parse(files.texts['tokenizer.json']) as { model: { vocab: Record<string, number> } };
    for (const sign of 'abcdefghijklmnopqrstuvwxyz0123456789') {
      expect(model.vocab).toHaveProperty([sign]);
      expect(model.vocab).toHaveProperty([`##${sign}`]);
    }
  });

  it('gives the tokens and, within 1e-4, the encodings of transformers', () => {
    const tokenizer = new Tokenizer(JSON.parse(files.texts['tokenizer.json']), {});
    for (const { text, ids, encoding } of golden) {
      expect(tokenizer.encode(text).ids).toEqual(ids);
      const ours = encode(text);
      for (let i = 0; i < width; i++) expect(Math.abs(ours[i] - encoding[i])).toBeLessThan(1e-4);
    }
  });

  it('knows what is near in meaning where few words are shared, better than a bag of words', () => {
    const texts = triplets.flatMap(({ text, near, far }) => [text, near, far]);
    const rows = new Map(tfIdf(texts).map((row, at) => [texts[at], row]));
    const ofWords = accuracy((a, b) => dot(rows.get(a) ?? new Float32Array(), rows.get(b) ?? new Float32Array()));
    const ofEncoder = accuracy((a, b) => dot(encode(a), encode(b)));
    console.log(
      `triplets: built-in ${ofEncoder.toFixed(3)}, TF-IDF ${ofWords.toFixed(3)}, chance 0.5, n ${triplets.length}`,
    );
    expect(ofEncoder).toBeGreaterThan(0.85);
    expect(ofEncoder).toBeGreaterThan(ofWords);
  });

  // Level and not better as they are: over seeds 1 to 8 the means are .5814 and .5818 (README.md), whatever two seeds say.
  it('places cold items as well as TF-IDF of its width, and better where they are said in other words', () => {
    const known = new Map<string, Float32Array>();
    const remembered = (text: string) => {
      const encoding = known.get(text) ?? encode(text);
      known.set(text, encoding);
      return encoding;
    };
    const compared = (say?: (text: string) => string) => {
      const figures = [1, 2].map((seed) => {
        const data = coldItems(seed, say);
        const bag = tfIdf(data.texts);
        return [
          coldNdcg(data.texts.map(remembered), data),
          coldNdcg(truncated(bag, width), data),
          coldNdcg(hashed(bag, width), data),
        ];
      });
      const [builtIn, svd, hashing] = [0, 1, 2].map((column) => (figures[0][column] + figures[1][column]) / 2);
      const name = say ? 'reworded cold items' : 'cold items';
      console.log(
        `${name}, NDCG@20: built-in ${builtIn.toFixed(4)}, TF-IDF by SVD ${svd.toFixed(4)}, by hashing ${hashing.toFixed(4)}`,
      );
      return { builtIn, bestBag: Math.max(svd, hashing) };
    };
    const plain = compared();
    expect(plain.builtIn).toBeGreaterThan(plain.bestBag - 0.02);
    const other = compared(reworded);
    expect(other.builtIn).toBeGreaterThan(other.bestBag + 0.02);
    // Some 40 s alone, and three times that on a busy machine.
  }, 400_000);
});

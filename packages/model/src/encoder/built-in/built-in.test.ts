import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { coldItems, coldNdcg } from './cold-items.cases.ts';
import { type BuiltInEncoderFiles, builtInEncoderFiles } from './files.ts';
import { plainEncoder } from './plain-encoder.cases.ts';
import { dot, hashed, tfIdf, truncated } from './tf-idf.cases.ts';
import { triplets } from './triplets.cases.ts';

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

  it('places cold items of the synthetic catalogue better than TF-IDF of its width', () => {
    const figures = [1, 2].map((seed) => {
      const data = coldItems(seed);
      const bag = tfIdf(data.texts);
      return {
        builtIn: coldNdcg(data.texts.map(encode), data),
        svd: coldNdcg(truncated(bag, width), data),
        hashing: coldNdcg(hashed(bag, width), data),
      };
    });
    const mean = (of: 'builtIn' | 'svd' | 'hashing') => figures.reduce((sum, row) => sum + row[of], 0) / figures.length;
    const [builtIn, svd, hashing] = [mean('builtIn'), mean('svd'), mean('hashing')];
    console.log(
      `cold NDCG@20: built-in ${builtIn.toFixed(4)}, SVD ${svd.toFixed(4)}, hashing ${hashing.toFixed(4)}`,
      figures,
    );
    expect(builtIn).toBeGreaterThan(Math.max(svd, hashing));
  });
});

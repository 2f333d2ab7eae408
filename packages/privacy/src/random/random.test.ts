import { createCipheriv } from 'node:crypto';
import { hexToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bulkRandom, keystreamRandom, portableKeystreamRandom, seededResearchRandom } from './keystream.ts';
import { systemRandom } from './secure-random.ts';

describe.each([
  ['native', keystreamRandom],
  ['portable', portableKeystreamRandom],
])('the %s keystream generator', (_name, generator) => {
  it('gives the known answers of RFC 8439, appendix A.1, vectors 1 and 2, and 3 by its key', () => {
    expect(generator(new Uint8Array(32)).bytes(128)).toEqual(
      hexToBytes(
        '76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7' +
          'da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586' +
          '9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed' +
          '29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f',
      ),
    );
    const key = new Uint8Array(32);
    key[31] = 1;
    expect(generator(key).bytes(128).subarray(64, 96)).toEqual(
      hexToBytes('3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a'),
    );
  });

  it('is one stream, however it is drawn', () => {
    const key = new Uint8Array(32).map((_, i) => i);
    const expected = createCipheriv('chacha20', key, new Uint8Array(16)).update(new Uint8Array(200_000));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 70_000 }), { maxLength: 5 }), (lengths) => {
        const random = generator(key);
        let at = 0;
        for (const length of lengths.filter((value) => value + at <= 200_000)) {
          const bytes = random.bytes(Math.min(length, 200_000 - at));
          expect(Buffer.compare(bytes, expected.subarray(at, at + bytes.length))).toBe(0);
          at += bytes.length;
        }
      }),
      { numRuns: 20 },
    );
  });

  it('keeps its key although the caller wipes it', () => {
    const key = new Uint8Array(32).fill(1);
    const random = generator(key);
    key.fill(0);
    expect(random.bytes(8)).toEqual(generator(new Uint8Array(32).fill(1)).bytes(8));
  });

  it('refuses a key of another length', () => {
    expect(() => generator(new Uint8Array(16))).toThrow(RangeError);
  });
});

describe('research randomness', () => {
  it('repeats itself for a seed and not for another', () => {
    const first = seededResearchRandom(3).bytes(64);
    expect(seededResearchRandom(3).bytes(64)).toEqual(first);
    expect(seededResearchRandom(4).bytes(64)).not.toEqual(first);
    expect(seededResearchRandom(3, 1).bytes(64)).not.toEqual(first);
  });
});

describe('the system generator', () => {
  it.each([
    ['alone', systemRandom],
    ['stretched', bulkRandom(systemRandom)],
  ])('%s fills more than one call of getRandomValues can, uniformly', (_name, random) => {
    const bytes = random.bytes(200_000);
    expect(bytes.length).toBe(200_000);
    // Chi-square over byte values, 255 degrees of freedom: above 400 by chance with probability below 1e-7.
    const counts = new Float64Array(256);
    for (const byte of bytes) counts[byte] += 1;
    const expected = bytes.length / 256;
    expect(counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)).toBeLessThan(400);
  });
});

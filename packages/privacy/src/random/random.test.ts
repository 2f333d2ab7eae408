import { createCipheriv } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keystreamRandom, seededResearchRandom } from './keystream.ts';
import { systemRandom } from './secure-random.ts';

describe('the keystream generator', () => {
  it('is the ChaCha20 stream of RFC 8439 as OpenSSL makes it', () => {
    const key = new Uint8Array(32).map((_, i) => i);
    // OpenSSL's IV is the 32-bit counter and the 96-bit nonce; both begin at zero here.
    const cipher = createCipheriv('chacha20', key, new Uint8Array(16));
    const expected = cipher.update(new Uint8Array(200_000));
    const random = keystreamRandom(key);
    const parts = [1, 63, 64, 65_536, 100_000, 34_336].map((length) => random.bytes(length));
    expect(Buffer.concat(parts).equals(expected)).toBe(true);
  });

  it('repeats itself for a seed and not for another', () => {
    const first = seededResearchRandom(3).bytes(64);
    expect(seededResearchRandom(3).bytes(64)).toEqual(first);
    expect(seededResearchRandom(4).bytes(64)).not.toEqual(first);
    expect(seededResearchRandom(3, 1).bytes(64)).not.toEqual(first);
  });
});

describe('the system generator', () => {
  it('fills more than one call of getRandomValues can', () => {
    const bytes = systemRandom.bytes(200_000);
    expect(bytes.length).toBe(200_000);
    // Chi-square over byte values, 255 degrees of freedom: above 400 by chance with probability below 1e-7.
    const counts = new Float64Array(256);
    for (const byte of bytes) counts[byte] += 1;
    const expected = bytes.length / 256;
    expect(counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)).toBeLessThan(400);
  });
});

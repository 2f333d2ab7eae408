import { afterEach, describe, expect, it, vi } from 'vitest';
import { RandomnessError, systemRandom } from './secure-random.ts';

afterEach(() => vi.unstubAllGlobals());

describe("the platform's randomness", () => {
  it('gives as many bytes as are asked for, more than one call of the platform gives too', () => {
    const bytes = systemRandom.bytes(200_000);
    expect(bytes).toHaveLength(200_000);
    // All of them drawn: a run of 64 zero bytes comes by chance once in 2^512.
    for (let at = 0; at < bytes.length; at += 64)
      expect(bytes.subarray(at, at + 64).some((byte) => byte !== 0)).toBe(true);
  });

  it.each([[undefined], [{}]])('says what to do where crypto is %j', (crypto) => {
    vi.stubGlobal('crypto', crypto);
    expect(() => systemRandom.bytes(8)).toThrow(RandomnessError);
    expect(() => systemRandom.bytes(8)).toThrow(/react-native-get-random-values/);
  });
});

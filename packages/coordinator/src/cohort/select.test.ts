import { type SecureRandom, seededResearchRandom } from '@tributary/privacy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseUniformly } from './select.ts';

describe('selection of a cohort', () => {
  it('takes so many distinct candidates, or all when there are fewer', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 40 }), fc.nat(60), fc.nat(), (candidates, count, seed) => {
        const chosen = chooseUniformly(new Set(candidates), count, seededResearchRandom(seed));
        expect(chosen).toHaveLength(Math.min(count, candidates.length));
        expect(new Set(chosen).size).toBe(chosen.length);
        for (const name of chosen) expect(candidates).toContain(name);
      }),
    );
  });

  it('gives every pair of candidates the same chance (chi-square at one in a million)', () => {
    const random = seededResearchRandom(5);
    const counts = new Map<string, number>();
    const draws = 20_000;
    for (let draw = 0; draw < draws; draw++) {
      const pair = chooseUniformly(['a', 'b', 'c', 'd', 'e'], 2, random).toSorted().join('');
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
    expect(counts.size).toBe(10);
    const expected = draws / 10;
    const statistic = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // The 1 - 1e-6 quantile of chi-square with 9 degrees of freedom.
    expect(statistic).toBeLessThan(45.1);
  });

  it('has no modulo bias: a word past the last whole multiple is drawn again', () => {
    const words = [0xffff_ffff, 1, 0];
    let drawn = 0;
    const random: SecureRandom = {
      bytes(length) {
        const bytes = new Uint8Array(length);
        new DataView(bytes.buffer).setUint32(0, words[drawn], true);
        drawn += 1;
        return bytes;
      },
    };
    // 2^32 - 1 is the only word above the last multiple of 3.
    expect(chooseUniformly(['a', 'b', 'c'], 1, random)).toEqual(['b']);
    expect(drawn).toBe(2);
  });
});

import { createModularAccumulator, type MaskSeed, seededResearchRandom, sliceAlignment } from '@tributary/privacy';
import { describe, expect, it } from 'vitest';
import { slicesFor, unmask } from './unmask.ts';

const random = seededResearchRandom(11);
const sections = [
  { length: 10_007, bits: 20 },
  { length: 7, bits: 32 },
];

/** Masks with fresh seeds: they are wiped as they are used. */
function masksOf(count: number): MaskSeed[] {
  const seeds = seededResearchRandom(3);
  return Array.from({ length: count }, (_, i) => ({ seed: seeds.bytes(32), sign: i % 3 === 0 ? -1 : 1 }));
}

const values = sections.map(({ length }) => {
  const bytes = random.bytes(4 * length);
  return new Uint32Array(bytes.buffer, bytes.byteOffset, length);
});

/** The values under the opposites of these masks. */
function maskedSums(masks: readonly MaskSeed[]): Uint32Array[] {
  return sections.map(({ length, bits }, section) => {
    const accumulator = createModularAccumulator({ length, bits, section });
    accumulator.addValues(values[section].map((value) => value & lowBits(bits)));
    for (const { seed, sign } of masks) accumulator.addMask(seed, sign === 1 ? -1 : 1);
    return accumulator.values().slice();
  });
}

const lowBits = (bits: number) => (bits === 32 ? 0xffff_ffff : 2 ** bits - 1);
const reduced = (sums: readonly Uint32Array[]) =>
  sums.map((sum, section) => sum.map((value) => value & lowBits(sections[section].bits)));

describe('the masks of a sum', () => {
  it.each([0, 1, 3])('are taken off by %i threads, whatever their number, to the same integers', async (threads) => {
    for (const count of threads === 0 ? [1, 64, 65, 150] : [150]) {
      const sums = maskedSums(masksOf(count));
      expect(reduced(sums)).not.toEqual(reduced(values));
      await unmask({ sections, sums, masks: masksOf(count), count, threads });
      expect(reduced(sums)).toEqual(reduced(values));
    }
  });

  it('are forgotten once they are used', async () => {
    for (const threads of [0, 2]) {
      const masks = masksOf(70);
      await unmask({ sections, sums: maskedSums([]), masks, count: masks.length, threads });
      expect(masks.every(({ seed }) => seed.every((byte) => byte === 0))).toBe(true);
    }
  });

  it('fail the unmasking when they, or a thread, fail', async () => {
    function* failing(): Generator<MaskSeed> {
      yield* masksOf(130);
      throw new Error('a secret is missing');
    }
    for (const threads of [0, 2]) {
      const masks = { sections, sums: maskedSums([]), masks: failing(), count: 200, threads };
      await expect(unmask(masks)).rejects.toThrow('a secret is missing');
    }
    // A thread that cannot have its memory.
    const huge = [{ length: 2 ** 40, bits: 20 }];
    const options = { sections: huge, sums: [new Uint32Array(0)], masks: masksOf(3), count: 3, threads: 2 };
    await expect(unmask(options)).rejects.toThrow();
  });
});

describe('the slices of a vector', () => {
  it.each([1, 2, 3, 8])('cover every section once over %i threads, and begin where a keystream can', (threads) => {
    const all = [...sections, { length: 1_000_003, bits: 16 }, { length: 1, bits: 8 }];
    const slices = slicesFor(all, threads).flat();
    expect(slicesFor(all, threads).length).toBeLessThanOrEqual(threads);
    all.forEach(({ length, bits }, section) => {
      const own = slices.filter((slice) => slice.section === section).sort((a, b) => a.from - b.from);
      let at = 0;
      for (const { from, length: size } of own) {
        expect(from).toBe(at);
        expect(from % sliceAlignment(bits)).toBe(0);
        at += size;
      }
      expect(at).toBe(length);
    });
  });
});

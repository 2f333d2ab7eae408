import { createModularAccumulator, type MaskSeed, seededResearchRandom } from '@tributary/privacy';
import { afterAll, describe, expect, it } from 'vitest';
import { openCpuEngine } from './engines/cpu/cpu-engine.ts';
import { unmask } from './unmask.ts';

const sections = [
  { length: 10_007, bits: 20 },
  { length: 7, bits: 32 },
];
const engine = openCpuEngine({ threads: 2 });
afterAll(() => engine.close());

/** Masks with fresh seeds: they are wiped as they are used. */
function masksOf(count: number, sign: 1 | -1): MaskSeed[] {
  const seeds = seededResearchRandom(3);
  return Array.from({ length: count }, (_, i) => ({
    seed: seeds.bytes(32),
    sign: i % 3 === 0 ? (-sign as 1 | -1) : sign,
  }));
}

const lowBits = (bits: number) => (bits === 32 ? 0xffff_ffff : 2 ** bits - 1);
const random = seededResearchRandom(11);
const values = sections.map(({ length, bits }) => {
  const bytes = random.bytes(4 * length);
  return new Uint32Array(bytes.buffer, bytes.byteOffset, length).map((value) => (value & lowBits(bits)) >>> 0);
});

/** The values under these masks, packed. */
function masked(masks: readonly MaskSeed[]): Uint8Array[] {
  return sections.map(({ length, bits }, section) => {
    const accumulator = createModularAccumulator({ length, bits, section });
    accumulator.addValues(values[section]);
    for (const { seed, sign } of masks) accumulator.addMask(seed, sign);
    return accumulator.packed();
  });
}

describe('the masks of a sum', () => {
  it.each([0, 1, 64, 65, 700])('are taken off, %i of them, and the values are left', async (count) => {
    const sum = engine.createModularSum(sections);
    sum.addPacked(masked(masksOf(count, 1)));
    expect(await unmask(sum, masksOf(count, -1))).toEqual(values);
    await sum.close();
  });

  it('are forgotten once they are used', async () => {
    const masks = masksOf(700, 1);
    await unmask(engine.createModularSum(sections), masks);
    expect(masks.every(({ seed }) => seed.every((byte) => byte === 0))).toBe(true);
  });

  it('fail the unmasking when they fail', async () => {
    function* failing(): Generator<MaskSeed> {
      yield* masksOf(130, 1);
      throw new Error('a secret is missing');
    }
    await expect(unmask(engine.createModularSum(sections), failing())).rejects.toThrow('a secret is missing');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededResearchRandom } from '../../random/keystream.ts';
import { createModularAccumulator, packValues, sliceAlignment } from '../index.ts';
import { maskOf } from '../layout.ts';
import { accumulatorOver, createSharedSum } from './index.ts';

/** As it is where WebAssembly has no shared memory. */
const withoutKernel = (options: { length: number; bits: number; section: number; places: number }) => ({
  ...options,
  memory: new SharedArrayBuffer(4 * options.length),
});

const widths = Array.from({ length: 25 }, (_, i) => i + 8);

const packedOf = (length: number, bits: number, seed: number) =>
  packValues(
    new Uint32Array(length).map((_, i) => (Math.imul(i + seed, 2_654_435_761) & maskOf(bits)) >>> 0),
    bits,
  );

describe.each([
  ['with the kernel', createSharedSum],
  ['in TypeScript', withoutKernel],
] as const)('a sum in shared memory, %s', (_, create) => {
  it('holds what one accumulator does, whoever adds to which slice of it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...widths),
        fc.oneof(fc.constantFrom(0, 1, 7, 8, 9), fc.integer({ min: 10, max: 6000 })),
        fc.nat(1000),
        (bits, length, section) => {
          const whole = createModularAccumulator({ length, bits, section, masking: 'portable' });
          const cut = Math.min(length, sliceAlignment(bits) * 2);
          const shared = create({ length, bits, section, places: 3 });
          const all = accumulatorOver(shared, { from: 0, length, place: 0 });
          const slices = [
            accumulatorOver(shared, { from: 0, length: cut, place: 1 }),
            ...(cut < length ? [accumulatorOver(shared, { from: cut, length: length - cut, place: 2 })] : []),
          ];
          for (const [seed, sign] of [
            [1, 1],
            [2, -1],
          ] as const) {
            const key = seededResearchRandom(seed).bytes(32);
            const packed = packedOf(length, bits, seed);
            whole.addMask(key, sign);
            whole.addPacked(packed);
            for (const slice of slices) slice.addMask(key, sign);
            all.addPacked(packed);
          }
          expect(all.values()).toEqual(whole.values());
          expect(slices.flatMap((slice) => [...slice.values()])).toEqual([...whole.values()]);
          all.reset();
          expect(slices.every((slice) => slice.values().every((value) => value === 0))).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('takes packed vectors that are longer than what is staged at a time', () => {
    for (const bits of widths) {
      const length = 40_003;
      const all = accumulatorOver(create({ length, bits, section: 0, places: 1 }), {
        from: 0,
        length,
        place: 0,
      });
      const packed = packedOf(length, bits, 5);
      all.addPacked(packed);
      expect(Buffer.compare(all.packed(), packed)).toBe(0);
    }
  });

  it('refuses packed vectors of another length, or with bits behind the last element', () => {
    const all = accumulatorOver(create({ length: 3, bits: 12, section: 0, places: 1 }), {
      from: 0,
      length: 3,
      place: 0,
    });
    expect(() => all.addPacked(new Uint8Array(4))).toThrow(RangeError);
    expect(() => all.addPacked(Uint8Array.of(0, 0, 0, 0, 0x10))).toThrow(RangeError);
    expect(all.values()).toEqual(new Uint32Array(3));
  });
});

describe('room for vectors beside a sum', () => {
  it('is what WebAssembly can address, and the sum comes first', () => {
    const roomOf = (length: number, bits: number) => {
      const bytes = Math.ceil((length * bits) / 8);
      return createSharedSum({ length, bits, section: 0, places: 3, vectors: { count: 3, bytes } }).vectors?.count;
    };
    expect(roomOf(1000, 20)).toBe(3);
    // 1.6 GB and 1 GB each; 4 GB and 2.5 GB each. Untouched, they take none of the machine's memory.
    expect(roomOf(400_000_000, 20)).toBe(2);
    expect(roomOf(1_000_000_000, 20)).toBe(0);
  });
});

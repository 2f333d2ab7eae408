import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededResearchRandom } from '../random/keystream.ts';
import { portableStream, type WordStream } from './chacha20.ts';
import { chunkBlocks, type Extraction, plainExtraction, simdExtraction } from './extraction.ts';
import { createModularAccumulator, elementsPerBlock, type Masking, sliceAlignment } from './index.ts';
import { maskOf } from './layout.ts';
import { wordAccumulator } from './word-accumulator.ts';

const widths = Array.from({ length: 25 }, (_, i) => i + 8);

function simd(length: number, bits: number): Extraction {
  const extraction = simdExtraction(length, bits);
  if (!extraction) throw new Error('This runtime has no WebAssembly SIMD.');
  return extraction;
}

const elements = ({ sum, position }: Extraction, bits: number) =>
  Array.from(sum, (value) => ((value >>> position) & maskOf(bits)) >>> 0);

/** Element e of a chunk, bit by bit as the layout is specified, without a shift of words. */
function bitByBit(chunk: Uint32Array, bits: number, element: number): number {
  const perBlock = elementsPerBlock(bits);
  const first = 512 * Math.floor(element / perBlock) + (element % perBlock) * bits;
  let value = 0;
  for (let i = bits - 1; i >= 0; i--) value = 2 * value + ((chunk[(first + i) >> 5] >>> ((first + i) & 31)) & 1);
  return value;
}

describe.each(widths)('elements of %i bits', (bits) => {
  const perBlock = elementsPerBlock(bits);

  it('are cut from a chunk as specified, by the kernel and in TypeScript', () => {
    const length = 7 * perBlock + 3;
    for (const [sign, extraction] of [
      [1, simd(length, bits)],
      [-1, simd(length, bits)],
      [1, plainExtraction(length, bits)],
      [-1, plainExtraction(length, bits)],
    ] as const) {
      const { chunk } = extraction;
      chunk.set(
        new Uint32Array(
          seededResearchRandom(bits)
            .bytes(4 * 16 * 8)
            .slice().buffer,
        ),
      );
      extraction.add(0, length, sign);
      const modulus = 2 ** bits;
      const expected = Array.from({ length }, (_, e) => (modulus + sign * bitByBit(chunk, bits, e)) % modulus);
      expect(elements(extraction, bits)).toEqual(expected);
      chunk.fill(0);
    }
  });

  it('of all ones come whole, and wrap when they are added again', () => {
    const length = 3 * perBlock;
    const extraction = simd(length, bits);
    extraction.chunk.fill(0xffff_ffff);
    extraction.add(0, length, 1);
    expect(new Set(elements(extraction, bits))).toEqual(new Set([2 ** bits - 1]));
    extraction.add(0, length, 1);
    expect(new Set(elements(extraction, bits))).toEqual(new Set([2 ** bits - 2]));
  });

  it('are added where they belong, and nowhere before', () => {
    const length = 4 * perBlock;
    const extraction = simd(length, bits);
    extraction.chunk.fill(0xffff_ffff);
    extraction.add(2 * perBlock, perBlock, 1);
    const expected = Array.from({ length }, (_, e) => (e >= 2 * perBlock && e < 3 * perBlock ? 2 ** bits - 1 : 0));
    expect(elements(extraction, bits)).toEqual(expected);
  });
});

describe('native, WebAssembly and TypeScript', () => {
  const maskings: readonly Masking[] = ['native', 'wasm', 'portable'];

  it('agree bit for bit over chunks and slices, signs and widths', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.constantFrom(...widths),
        // From nothing to more than one chunk of the narrowest width.
        fc.oneof(fc.constantFrom(0, 1, 511, 512, 513), fc.integer({ min: 514, max: 40_000 })),
        fc.integer({ min: 0, max: 300 }),
        fc.nat(2 ** 32 - 1),
        (first, second, bits, length, slice, section) => {
          const from = slice * sliceAlignment(bits);
          const packed = maskings.map((masking) => {
            const sum = createModularAccumulator({ length, bits, section, from, masking });
            sum.addValues(new Uint32Array(length).map((_, i) => (i * 2_654_435_761) & maskOf(bits)));
            sum.addMask(first, 1);
            sum.addMask(second, -1);
            const once = sum.packed();
            sum.addPacked(once);
            return Buffer.concat([once, sum.packed()]);
          });
          expect(packed[1].equals(packed[0])).toBe(true);
          expect(packed[2].equals(packed[0])).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('make a section of its slices', () => {
    const seed = seededResearchRandom(5).bytes(32);
    for (const bits of [8, 15, 16, 20, 27, 32]) {
      const cut = sliceAlignment(bits) * Math.ceil((chunkBlocks * 1.25) / 8);
      const length = 2 * cut + 13;
      for (const masking of maskings) {
        const masked = (from: number, count: number) => {
          const sum = createModularAccumulator({ length: count, bits, section: 2, from, masking });
          sum.addMask(seed, 1);
          return Buffer.from(sum.packed());
        };
        const slices = [masked(0, cut), masked(cut, cut), masked(2 * cut, 13)];
        expect(Buffer.concat(slices).equals(masked(0, length))).toBe(true);
      }
    }
  });

  it('reach the last block of a stream and go no further', () => {
    const bits = 20;
    const perBlock = elementsPerBlock(bits);
    const from = 2 ** 32 * perBlock - sliceAlignment(bits);
    const length = sliceAlignment(bits);
    const seed = seededResearchRandom(6).bytes(32);
    const ends = maskings.map((masking) => {
      const sum = createModularAccumulator({ length, bits, section: 0, from, masking });
      sum.addMask(seed, 1);
      expect(() => createModularAccumulator({ length: length + 1, bits, section: 0, from, masking })).toThrow(/blocks/);
      return sum.values();
    });
    expect(ends[1]).toEqual(ends[0]);
    expect(ends[2]).toEqual(ends[0]);
  });
});

describe('a sum over a stream', () => {
  it.each([
    ['in TypeScript', plainExtraction],
    ['by the kernel', simd],
  ] as const)('leaves no keystream in its chunk, %s', (_, extractionOf) => {
    const [length, bits] = [3000, 20];
    const extraction = extractionOf(length, bits);
    let filled = 0;
    const streamOf = (seed: Uint8Array, section: number): WordStream => {
      const stream = portableStream(seed, section);
      return {
        fill(out, counter) {
          stream.fill(out, counter);
          filled += extraction.chunk.filter((word) => word !== 0).length;
        },
      };
    };
    const sum = wordAccumulator({ length, bits, section: 0, from: 0 }, 'native', streamOf, extraction);
    sum.addMask(seededResearchRandom(7).bytes(32), 1);
    expect(filled).toBeGreaterThan(0);
    expect(extraction.chunk.every((word) => word === 0)).toBe(true);
  });
});

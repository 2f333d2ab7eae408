import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex, hexToBytes } from '../bytes/hex.ts';
import { sha256 } from '../hash/index.ts';
import { seededResearchRandom } from '../random/keystream.ts';
import { portableStream } from './chacha20.ts';
import {
  createModularAccumulator,
  elementsPerBlock,
  hasZeroPadding,
  type Masking,
  packedLength,
  packValues,
  sliceAlignment,
  unpackValues,
} from './index.ts';
import { createMaskingKernel } from './simd-kernel.ts';

const golden = JSON.parse(
  readFileSync(new URL('../../../../test/golden/secagg/primitives.json', import.meta.url), 'utf8'),
);
const maskings: readonly Masking[] = ['native', 'wasm', 'portable'];
const seed = hexToBytes(golden.pairwise_seed_0_1);
const anySeed = fc.uint8Array({ minLength: 32, maxLength: 32 });
const width = fc.integer({ min: 8, max: 32 });

/** Elements cut from a keystream with BigInt, word by word of the specification. */
function reference(key: Uint8Array, section: number, bits: number, from: number, length: number): number[] {
  const per = Math.floor(512 / bits);
  const first = Math.floor(from / per);
  const words = new Uint32Array(16 * (Math.ceil((from + length) / per) - first));
  portableStream(key, section).fill(words, first);
  return Array.from({ length }, (_, i) => {
    const element = from + i;
    const block = 16 * (Math.floor(element / per) - first);
    let value = 0n;
    for (let w = 15; w >= 0; w--) value = (value << 32n) | BigInt(words[block + w]);
    return Number((value >> BigInt((element % per) * bits)) & ((1n << BigInt(bits)) - 1n));
  });
}

describe('the keystream', () => {
  it('is that of RFC 8439, sections 2.3.2 and A.1, in TypeScript and in WebAssembly', () => {
    const zero = new Uint8Array(32);
    const expected =
      '76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7' +
      'da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586';
    const words = new Uint32Array(16);
    portableStream(zero, 0).fill(words, 0);
    expect(bytesToHex(new Uint8Array(words.buffer))).toBe(expected);
    const kernel = createMaskingKernel(65_536);
    if (!kernel) throw new Error('This runtime has no WebAssembly SIMD.');
    kernel.keystream(1024, 0, 0);
    // Word w of block l lies at 16 w + 4 l.
    const blocks = new Uint32Array(kernel.buffer, 0, 64);
    expect(Uint32Array.from({ length: 16 }, (_, w) => blocks[4 * w])).toEqual(words);
  });

  it('separates sections, as the golden file has them', () => {
    for (const [section, name] of [
      [0, 'keystream_pairwise_section0_128'],
      [1, 'keystream_pairwise_section1_64'],
    ] as const) {
      const words = new Uint32Array(32);
      portableStream(seed, section).fill(words, 0);
      const bytes = bytesToHex(new Uint8Array(words.buffer));
      expect(bytes.startsWith(golden[name])).toBe(true);
    }
  });
});

describe.each(maskings)('masks made by %s', (masking) => {
  it('are the same when many are added at once, to small sums and to those that leave the caches', () => {
    for (const length of [1000, 2 ** 21 + 77]) {
      const shape = { length, bits: 20, section: 1, masking };
      const [together, single] = [createModularAccumulator(shape), createModularAccumulator(shape)];
      const count = length === 1000 ? 40 : 18;
      const seeds = seededResearchRandom(9).bytes(32 * count);
      const signs = Int8Array.from({ length: count }, (_, i) => (i % 3 === 0 ? -1 : 1));
      together.addMasks(seeds, signs);
      for (const [i, sign] of signs.entries()) single.addMask(seeds.slice(32 * i, 32 * i + 32), sign === 1 ? 1 : -1);
      expect(Buffer.compare(together.packed(), single.packed())).toBe(0);
      expect(() => together.addMasks(seeds, Int8Array.of(1))).toThrow(RangeError);
    }
  });

  it('are the known answers at eleven widths', () => {
    for (const [bits, { section, first, sha256_of_packed_5000 }] of Object.entries<{
      section: number;
      first: number[];
      sha256_of_packed_5000: string;
    }>(golden.mask_elements)) {
      const sum = createModularAccumulator({ length: 5000, bits: Number(bits), section, masking });
      sum.addMask(seed, 1);
      expect([...sum.values().subarray(0, 70)]).toEqual(first);
      expect(bytesToHex(sha256(sum.packed()))).toBe(sha256_of_packed_5000);
    }
  });

  it('are what the specification says, from any slice, at any width, added and subtracted', () => {
    fc.assert(
      fc.property(
        anySeed,
        width,
        fc.integer({ min: 0, max: 700 }),
        fc.integer({ min: 0, max: 5 }),
        fc.nat(2 ** 32 - 1),
        fc.constantFrom(1 as const, -1 as const),
        (key, bits, length, slice, section, sign) => {
          const from = slice * sliceAlignment(bits);
          const sum = createModularAccumulator({ length, bits, section, from, masking });
          sum.addMask(key, sign);
          const modulus = 2 ** bits;
          const expected = reference(key, section, bits, from, length).map(
            (value) => (modulus + sign * value) % modulus,
          );
          expect([...sum.values()]).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('cancel, and leave the sum of what was added packed or as values', () => {
    fc.assert(
      fc.property(width, fc.integer({ min: 0, max: 3000 }), fc.nat(), (bits, length, at) => {
        const random = seededResearchRandom(at);
        const mask = bits === 32 ? 0xffff_ffff : 2 ** bits - 1;
        const draw = () => new Uint32Array(random.bytes(4 * length).slice().buffer).map((value) => value & mask);
        const [a, b] = [draw(), draw()];
        const sum = createModularAccumulator({ length, bits, section: 3, masking });
        sum.addMask(seed, 1);
        sum.addPacked(packValues(a, bits));
        sum.addMask(seed, -1);
        sum.addValues(b);
        expect(sum.values()).toEqual(a.map((value, i) => (value + b[i]) & mask));
        expect(sum.packed()).toEqual(packValues(sum.values(), bits));
        sum.reset();
        expect(sum.values()).toEqual(new Uint32Array(length));
      }),
      { numRuns: 40 },
    );
  });

  it('refuse seeds, vectors and shapes that are none', () => {
    const sum = createModularAccumulator({ length: 9, bits: 20, section: 0, masking });
    expect(() => sum.addMask(new Uint8Array(31), 1)).toThrow(RangeError);
    expect(() => sum.addPacked(new Uint8Array(22))).toThrow(/23 bytes/);
    expect(() => sum.addPacked(new Uint8Array(24))).toThrow(/23 bytes/);
    expect(() => sum.addPacked(new Uint8Array(23).fill(255))).toThrow(/not zero/);
    expect(() => sum.addValues(new Uint32Array(8))).toThrow(RangeError);
    for (const shape of [{ bits: 7 }, { bits: 33 }, { bits: 8.5 }, { length: -1 }, { from: 3 }, { section: -1 }]) {
      expect(() => createModularAccumulator({ length: 9, bits: 20, section: 0, masking, ...shape })).toThrow(
        RangeError,
      );
    }
    const tooFar = 2 ** 32 * elementsPerBlock(32);
    expect(() => createModularAccumulator({ length: 1, bits: 32, section: 0, from: tooFar, masking })).toThrow(
      /blocks/,
    );
  });

  it('hide a constant: a million masked words pass as uniform bytes', () => {
    const length = 1 << 20;
    const sum = createModularAccumulator({ length, bits: 32, section: 0, masking });
    sum.addValues(new Uint32Array(length).fill(42));
    sum.addMask(seed, 1);
    const counts = new Float64Array(256);
    for (const byte of new Uint8Array(sum.values().buffer)) counts[byte] += 1;
    const expected = (4 * length) / 256;
    const chiSquare = counts.reduce((total, count) => total + (count - expected) ** 2 / expected, 0);
    // 255 degrees of freedom: mean 255, standard deviation 22.6; six of them to either side.
    expect(chiSquare).toBeGreaterThan(120);
    expect(chiSquare).toBeLessThan(391);
  });
});

describe('packing', () => {
  it('is the known answer', () => {
    const { b, values, bytes } = golden.packing;
    expect(bytesToHex(packValues(Uint32Array.from(values), b))).toBe(bytes);
    expect([...unpackValues(hexToBytes(bytes), values.length, b)]).toEqual(values);
  });

  it('comes back, in the bytes that it needs, with zeros behind', () => {
    fc.assert(
      fc.property(width, fc.array(fc.nat(2 ** 32 - 1), { maxLength: 200 }), (bits, list) => {
        const mask = bits === 32 ? 0xffff_ffff : 2 ** bits - 1;
        const values = Uint32Array.from(list, (value) => value & mask);
        const bytes = packValues(values, bits);
        expect(bytes.length).toBe(packedLength(values.length, bits));
        expect(hasZeroPadding(bytes, values.length, bits)).toBe(true);
        expect(unpackValues(bytes, values.length, bits)).toEqual(values);
        let whole = 0n;
        values.forEach((value, i) => {
          whole |= BigInt(value) << BigInt(i * bits);
        });
        expect(bytes).toEqual(Uint8Array.from(bytes, (_, i) => Number((whole >> BigInt(8 * i)) & 255n)));
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clipInPlace, l2Norm } from '../dp/clipping.ts';
import { type SecureRandom, seededResearchRandom } from '../random/index.ts';
import { decodeSum, encodeSection } from './encode.ts';
import { unrotateInPlace } from './rotation.ts';
import { roundStochastically } from './rounding.ts';
import { scaleFor } from './scale.ts';
import { EncodingError, gridLimit, type SectionEncoding } from './section.ts';
import { roundedSensitivity } from './sensitivity.ts';

const roundHash = new Uint8Array(32).map((_, i) => i * 7);

/** Standard normal coordinates, the same in every run. */
function gaussianVector(length: number, seed: number): Float32Array {
  const words = new DataView(seededResearchRandom(seed, 1).bytes(8 * length).buffer);
  const uniform = (i: number) => (words.getUint32(4 * i, true) + 0.5) / 2 ** 32;
  return Float32Array.from(
    { length },
    (_, i) => Math.sqrt(-2 * Math.log(uniform(2 * i))) * Math.cos(2 * Math.PI * uniform(2 * i + 1)),
  );
}

/** A vector of this L2 norm. */
function vectorOfNorm(length: number, norm: number, seed: number): Float32Array {
  const x = gaussianVector(length, seed);
  const factor = norm / l2Norm(x);
  return x.map((value) => value * factor);
}

function sumOf(
  vectors: readonly Float32Array[],
  encoding: SectionEncoding,
  random: SecureRandom,
): { readonly sum: Uint32Array; readonly exact: Float64Array } {
  const sum = new Uint32Array(encoding.length);
  const exact = new Float64Array(encoding.length);
  for (const x of vectors) {
    for (let i = 0; i < x.length; i++) exact[i] += x[i];
    const encoded = encodeSection(x.slice(), encoding, roundHash, random);
    const modulus = 2 ** encoding.bits;
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] + encoded[i]) % modulus;
  }
  return { sum, exact };
}

const distance = (a: Float32Array, b: Float64Array) =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0));
const lift = (value: number, bits: number) => (value << (32 - bits)) >> (32 - bits);

describe('stochastic rounding', () => {
  it('is unbiased, within four standard errors of 40,000 draws', () => {
    const random = seededResearchRandom(1);
    const draws = 40_000;
    const out = new Uint32Array(draws);
    for (const value of [0.5, -0.25, 3.9, -7.001, 1 / 3, 1000.75, -(2 ** -12)]) {
      const x = new Float32Array(draws).fill(value);
      roundStochastically(x, out, { scale: 1, largest: 2000, bits: 16 }, random);
      const mean = out.reduce((sum, integer) => sum + lift(integer, 16), 0) / draws;
      const fraction = value - Math.floor(value);
      expect(Math.abs(mean - x[0])).toBeLessThanOrEqual(4 * Math.sqrt((fraction * (1 - fraction)) / draws));
      expect(out.every((integer) => Math.abs(lift(integer, 16) - x[0]) < 1)).toBe(true);
    }
  });

  it('decides ties of the first sixteen bits by the next thirty-two', () => {
    // Words of 0x8000 tie with the fraction 1/2 + 2^-20, whose remainder is 1/16.
    const tying = (last: number): SecureRandom => ({
      bytes: (length) => (length === 2 ? Uint8Array.of(0, 0x80) : Uint8Array.of(0, 0, 0, last).subarray(0, length)),
    });
    const x = Float32Array.of(0.5 + 2 ** -20);
    const round = (last: number) => {
      const out = new Uint32Array(1);
      roundStochastically(x.slice(), out, { scale: 1, largest: 9, bits: 8 }, tying(last));
      return out[0];
    };
    expect(round(0x0f)).toBe(1);
    expect(round(0x10)).toBe(0);
  });

  it('leaves integers alone, in every width and sign, and reports the squared norm', () => {
    for (let bits = 8; bits <= 32; bits++) {
      const values = [
        0,
        1,
        -1,
        100,
        -128,
        127,
        2 ** (bits - 1) - 128 * 2 ** Math.max(0, bits - 24),
        -(2 ** (bits - 1)),
      ];
      const x = Float32Array.from(values);
      const out = new Uint32Array(x.length);
      const squares = roundStochastically(x, out, { scale: 1, largest: 2 ** 40, bits }, seededResearchRandom(bits));
      expect([...out]).toEqual([...x].map((value) => (value < 0 ? value + 2 ** bits : value)));
      expect(squares).toBeCloseTo(
        [...x].reduce((sum, value) => sum + value * value, 0),
        0,
      );
    }
  });

  it('draws afresh along a vector longer than a chunk', () => {
    const length = 100_001;
    const out = new Uint32Array(length);
    roundStochastically(
      new Float32Array(length).fill(0.5),
      out,
      { scale: 1, largest: 1, bits: 8 },
      seededResearchRandom(2),
    );
    const ones = out.reduce((sum, value) => sum + value, 0);
    expect(Math.abs(ones - length / 2)).toBeLessThan(4 * Math.sqrt(length / 4));
    const repeats = out.subarray(0, 32_768).filter((value, i) => value === out[i + 32_768]).length;
    expect(Math.abs(repeats - 16_384)).toBeLessThan(4 * Math.sqrt(32_768 / 4));
  });
});

describe('a rotated section', () => {
  it('sums with the error that rounding predicts, sqrt(d n / 6) / s', () => {
    const length = 2 ** 15;
    const count = 60;
    const encoding = { section: 0, length, bits: 16, scale: 4450, bound: 1, kind: 'rotated' } as const;
    const vectors = Array.from({ length: count }, (_, i) => vectorOfNorm(length, 0.9, i));
    const { sum, exact } = sumOf(vectors, encoding, seededResearchRandom(3));
    const { values, fill } = decodeSum(sum, encoding, roundHash);
    // The reference's 0.7277, for d = 2^20.
    const predicted = Math.sqrt((length * count) / 6) / encoding.scale;
    expect(predicted * Math.sqrt(2 ** 20 / length)).toBeCloseTo(0.7277, 4);
    expect(distance(values, exact) / predicted).toBeGreaterThan(0.97);
    expect(distance(values, exact) / predicted).toBeLessThan(1.03);
    expect(fill).toBeGreaterThan(0);
    expect(fill).toBeLessThan(1);
  });

  it('decodes to the sum of the clipped vectors, at any length and width', () => {
    fc.assert(
      fc.property(
        fc.record({
          length: fc.constantFrom(1, 2, 3, 17, 64, 100, 1000),
          bits: fc.integer({ min: 12, max: 32 }),
          bound: fc.constantFrom(0.01, 1, 30),
          count: fc.integer({ min: 1, max: 8 }),
          seed: fc.nat(1e6),
        }),
        ({ length, bits, bound, count, seed }) => {
          const scale = scaleFor({ bits, length, bound, kind: 'rotated', maximumSummed: count });
          const encoding = { section: seed, length, bits, scale, bound, kind: 'rotated' } as const;
          // Of norms up to twice the bound, so that some are clipped.
          const vectors = Array.from({ length: count }, (_, i) =>
            vectorOfNorm(length, (2 * bound * (i + 1)) / count, seed + i),
          );
          const { sum } = sumOf(vectors, encoding, seededResearchRandom(seed));
          const exact = new Float64Array(length);
          for (const x of vectors) {
            clipInPlace(x, bound);
            for (let i = 0; i < length; i++) exact[i] += x[i];
          }
          const { values } = decodeSum(sum, encoding, roundHash);
          // Each rounding moves a coordinate by less than a step.
          const rounding = count * (Math.sqrt(length) / scale);
          expect(distance(values, exact)).toBeLessThanOrEqual(rounding + 2e-6 * count * bound);
        },
      ),
    );
  });

  it('never rounds to a norm above the sensitivity, on coarse grids, where rounding adds most', () => {
    for (const [length, scale] of [
      [1, 1.5],
      [16, 2],
      [64, 1],
      [257, 3],
      [1024, 40],
    ]) {
      const encoding = { section: 1, length, bits: 16, scale, bound: 1, kind: 'rotated' } as const;
      const delta = roundedSensitivity(encoding);
      const random = seededResearchRandom(length);
      for (let i = 0; i < 200; i++) {
        const encoded = encodeSection(vectorOfNorm(length, 1 + (i % 3), i), encoding, roundHash, random);
        const norm = Math.sqrt(encoded.reduce((sum, value) => sum + lift(value, 16) ** 2, 0)) / scale;
        expect(norm).toBeLessThanOrEqual(delta);
      }
    }
  });

  it('draws a rounding again whose norm is too large, and gives up on a source that only rounds away', () => {
    const encoding = { section: 0, length: 64, bits: 16, scale: 0.5, bound: 1, kind: 'rotated' } as const;
    // All positive in the rotated space, where zero words round every coordinate up.
    const x = new Float32Array(64).fill(1 / 8);
    const up = x.slice();
    unrotateInPlace(up, roundHash, 0);
    let calls = 0;
    const stuck: SecureRandom = {
      bytes(length) {
        calls += 1;
        return new Uint8Array(length);
      },
    };
    expect(() => encodeSection(up.slice(), encoding, roundHash, stuck)).toThrow(EncodingError);
    expect(calls).toBe(100);
    let tries = 0;
    const honest = seededResearchRandom(5);
    const turning: SecureRandom = {
      bytes: (length) => (tries++ === 0 ? new Uint8Array(length) : honest.bytes(length)),
    };
    expect(encodeSection(up.slice(), encoding, roundHash, turning).length).toBe(64);
    expect(tries).toBeGreaterThanOrEqual(2);
  });

  it('accepts a rounding as often as the normal approximation of its norm says', () => {
    const accepted = (length: number, scale: number, count: number): number => {
      const random = seededResearchRandom(length);
      let tries = 0;
      const counting: SecureRandom = {
        bytes(bytes) {
          if (bytes === 2 * length) tries += 1;
          return random.bytes(bytes);
        },
      };
      const encoding = { section: 0, length, bits: 32, scale, bound: 1, kind: 'rotated' } as const;
      for (let i = 0; i < count; i++) encodeSection(vectorOfNorm(length, 2, i), encoding, roundHash, counting);
      return count / tries;
    };
    // On a fine grid the squared norm has the standard deviation 2 s C sqrt(1/6), the room is s C: Phi(sqrt(3/2)) = 0.8897.
    expect(Math.abs(accepted(64, 10_000, 4000) - 0.8897)).toBeLessThan(4 * Math.sqrt((0.89 * 0.11) / 4000));
    // On a coarse one the room for d/4, of which rounding takes d/6, decides.
    for (const length of [64, 512, 1500]) expect(accepted(length, Math.sqrt(length) / 2, 200)).toBeGreaterThan(0.97);
  });

  it('does not wrap at the chosen scale although all vectors are aligned at the clip norm', () => {
    const length = 512;
    const count = 50;
    const options = { bits: 14, length, bound: 1, kind: 'rotated', maximumSummed: count } as const;
    const encoding = { ...options, section: 0, scale: scaleFor(options) };
    let highest = 0;
    for (let trial = 0; trial < 300; trial++) {
      const hash = seededResearchRandom(trial, 2).bytes(32);
      // A spike, a constant and a random direction in turn.
      const x =
        trial % 3 === 0
          ? new Float32Array(length).fill(1, trial, trial + 1)
          : trial % 3 === 1
            ? new Float32Array(length).fill(1 / Math.sqrt(length))
            : vectorOfNorm(length, 1, trial);
      const random = seededResearchRandom(trial);
      let largest = 0;
      const sum = new Int32Array(length);
      for (let i = 0; i < count; i++) {
        encodeSection(x.slice(), encoding, hash, random).forEach((value, j) => {
          sum[j] += lift(value, 14);
        });
      }
      for (const value of sum) largest = Math.max(largest, Math.abs(value));
      expect(largest).toBeLessThan(2 ** 13);
      const { fill } = decodeSum(Uint32Array.from(sum), encoding, hash);
      expect(fill).toBe(largest / 2 ** 13);
      highest = Math.max(highest, fill);
    }
    // Near enough to the end of the range for the bound to mean something.
    expect(highest).toBeGreaterThan(0.4);
  });

  it('encodes the zero vector as zero', () => {
    const encoding = { section: 0, length: 100, bits: 20, scale: 1e4, bound: 1, kind: 'rotated' } as const;
    const encoded = encodeSection(new Float32Array(100), encoding, roundHash, seededResearchRandom(0));
    expect(encoded).toEqual(new Uint32Array(100));
    const { values, fill } = decodeSum(encoded, encoding, roundHash);
    expect(values.every((value) => value === 0)).toBe(true);
    expect(fill).toBe(0);
  });

  it('rounds at the finest grid that 32 bits give', () => {
    const options = { bits: 32, length: 2 ** 16, bound: 1, kind: 'rotated', maximumSummed: 1 } as const;
    const encoding = { ...options, section: 0, scale: scaleFor(options) };
    const x = vectorOfNorm(options.length, 3, 1);
    const encoded = encodeSection(x.slice(), encoding, roundHash, seededResearchRandom(1));
    const { values } = decodeSum(encoded, encoding, roundHash);
    clipInPlace(x, 1);
    expect(distance(values, Float64Array.from(x))).toBeLessThan(1e-6);
  });
});

describe('a plain section', () => {
  it('sums exactly to within one step a vector, and never wraps at the bound', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 12, max: 32 }),
        fc.integer({ min: 1, max: 100 }),
        fc.constantFrom(0.1, 0.3, 1, 7.5),
        fc.nat(1e6),
        (bits, count, bound, seed) => {
          const options = { bits, length: 4, bound, kind: 'plain', maximumSummed: count } as const;
          const encoding = { ...options, section: 3, scale: scaleFor(options) };
          const vectors = Array.from({ length: count }, (_, i) =>
            Float32Array.of(bound, -bound, 0, (bound * ((i * 13) % 29)) / 29),
          );
          const { sum, exact } = sumOf(vectors, encoding, seededResearchRandom(seed));
          const { values, fill } = decodeSum(sum, encoding, roundHash);
          expect(fill).toBeLessThan(1);
          const steps = count / encoding.scale;
          for (const i of [0, 1, 2]) expect(Math.abs(values[i] - exact[i])).toBeLessThanOrEqual(1e-6 * count * bound);
          expect(Math.abs(values[3] - exact[3])).toBeLessThanOrEqual(steps + 1e-6 * count * bound);
        },
      ),
    );
  });

  it('clamps what lies beyond the bound, and keeps to the sensitivity', () => {
    const encoding = { section: 0, length: 3, bits: 16, scale: 7, bound: 0.5, kind: 'plain' } as const;
    expect(gridLimit(encoding)).toBe(4);
    for (let seed = 0; seed < 50; seed++) {
      const encoded = encodeSection(Float32Array.of(1e30, -2, 0.5), encoding, roundHash, seededResearchRandom(seed));
      const lifted = [...encoded].map((value) => lift(value, 16));
      expect(lifted.map(Math.abs).every((value) => value === 3 || value === 4)).toBe(true);
      expect(Math.hypot(...lifted) / 7).toBeLessThanOrEqual(roundedSensitivity(encoding));
    }
  });

  it('gives counts and whole weights exactly', () => {
    const options = { bits: 24, length: 2, bound: 1, kind: 'plain', maximumSummed: 1000 } as const;
    const encoding = { ...options, section: 2, scale: scaleFor(options) };
    const vectors = Array.from({ length: 1000 }, (_, i) => Float32Array.of(i % 3 ? 1 : 0, 1));
    const { sum } = sumOf(vectors, encoding, seededResearchRandom(9));
    expect([...decodeSum(sum, encoding, roundHash).values]).toEqual([666, 1000]);
  });
});

describe('what cannot be encoded', () => {
  const encoding: SectionEncoding = { section: 0, length: 3, bits: 16, scale: 100, bound: 1, kind: 'rotated' };
  const encode = (x: Float32Array, fields: Partial<SectionEncoding> = {}) =>
    encodeSection(x, { ...encoding, ...fields }, roundHash, seededResearchRandom(0));

  it.each(['rotated', 'plain'] as const)('is NaN and infinity, %s', (kind) => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(() => encode(Float32Array.of(0, bad, 1), { kind })).toThrow(EncodingError);
    }
  });

  it('is not the largest float32', () => {
    expect(encode(new Float32Array(3).fill(3.4e38)).length).toBe(3);
  });

  it('is a vector, or a sum, of another length', () => {
    expect(() => encode(new Float32Array(2))).toThrow('Section 0 has 3 coordinates; the vector has 2.');
    expect(() => decodeSum(new Uint32Array(4), encoding, roundHash)).toThrow(EncodingError);
  });

  it.each([
    { bits: 7 },
    { bits: 33 },
    { section: -1 },
    { section: 2 ** 32 },
    { scale: 0 },
    { scale: Number.NaN },
    { scale: 2 ** 49 },
    { bound: 0 },
    { bound: Number.POSITIVE_INFINITY },
  ])('is an encoding with %o', (wrong) => {
    expect(() => encode(new Float32Array(3), wrong)).toThrow(EncodingError);
    expect(() => decodeSum(new Uint32Array(3), { ...encoding, ...wrong }, roundHash)).toThrow(EncodingError);
  });
});

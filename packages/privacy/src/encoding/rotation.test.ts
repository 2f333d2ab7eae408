import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hexToBytes } from '../bytes/hex.ts';
import { l2Norm } from '../dp/clipping.ts';
import { rotateInPlace, rotationSignBits, rotationSigns, unrotateInPlace } from './rotation.ts';
import { EncodingError } from './section.ts';
import { walshHadamardInPlace } from './walsh-hadamard.ts';

const golden = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../../test/golden/secagg/${name}`, import.meta.url), 'utf8'));
const hashes = fc.uint8Array({ minLength: 32, maxLength: 32 });
const lengths = fc.oneof(
  fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 9, 1000, 1023, 1024, 1025, 4095, 4096, 4097),
  fc.integer({ min: 1, max: 300 }),
);
const vectors = lengths.chain((length) =>
  fc.float32Array({ noNaN: true, min: -1000, max: 1000, minLength: length, maxLength: length }),
);

describe('signs of the rotation', () => {
  it('are the known ones', () => {
    const primitives = golden('primitives.json');
    const roundHash = hexToBytes(primitives.round_hash);
    const known = primitives.rotation_signs;
    expect([...rotationSigns(roundHash, known.section, 40)]).toEqual(known.first_40);
    expect([...rotationSigns(roundHash, 1, 40)]).toEqual(known.section_1_first_40);
    expect([...rotationSigns(roundHash, 0, 40, 2 ** 16)]).toEqual(known.section_0_from_2_16);
  });

  it('are one stream, wherever it is entered', () => {
    const roundHash = new Uint8Array(32).fill(3);
    const whole = rotationSigns(roundHash, 9, 3000);
    fc.assert(
      fc.property(fc.nat(3000), fc.nat(3000), (a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        expect(rotationSigns(roundHash, 9, to - from, from)).toEqual(whole.slice(from, to));
      }),
    );
  });

  it('are the same as bits', () => {
    const roundHash = new Uint8Array(32).fill(3);
    for (const count of [1, 511, 512, 1030]) {
      const bits = rotationSignBits(roundHash, 9, count);
      const signs = Int8Array.from({ length: count }, (_, e) => ((bits[e >> 3] >> (e & 7)) & 1 ? -1 : 1));
      expect(signs).toEqual(rotationSigns(roundHash, 9, count));
    }
  });

  it('need a hash of a round', () => {
    expect(() => rotationSigns(new Uint8Array(31), 0, 1)).toThrow(EncodingError);
    expect(() => rotateInPlace(new Float32Array(3), new Uint8Array(0), 0)).toThrow(EncodingError);
    expect(() => rotateInPlace(new Float32Array(0), new Uint8Array(32), 0)).toThrow(EncodingError);
  });
});

describe('the Walsh-Hadamard transform', () => {
  it('is the matrix of (-1)^popcount(r & c)', () => {
    for (let p = 0; p <= 9; p++) {
      const n = 2 ** p;
      for (const column of new Set([0, n >> 1, n - 1, (n * 5) >> 3])) {
        const unit = new Float32Array(n);
        unit[column] = 1;
        walshHadamardInPlace(unit);
        const expected = Float32Array.from(unit, (_, row) =>
          (row & column).toString(2).split('1').length % 2 ? 1 : -1,
        );
        expect(unit).toEqual(expected);
      }
    }
  });

  it('is its own inverse up to n, exactly so on small integers', () => {
    for (let p = 0; p <= 10; p++) {
      const x = Float32Array.from({ length: 2 ** p }, (_, i) => ((i * 7919) % 101) - 50);
      const twice = x.slice();
      walshHadamardInPlace(twice);
      walshHadamardInPlace(twice);
      expect(twice).toEqual(x.map((value) => value * x.length));
    }
  });
});

describe('the rotation', () => {
  it('equals the product with the matrix, written out in NumPy', () => {
    const { round_hash: roundHash, cases } = golden('encoding.json');
    for (const { section, x, rotated } of cases) {
      const actual = Float32Array.from(x);
      rotateInPlace(actual, hexToBytes(roundHash), section);
      rotated.forEach((value: number, i: number) => expect(Math.abs(actual[i] - value)).toBeLessThan(1e-6));
    }
  });

  it('keeps lengths, and undoes itself to float32', () => {
    fc.assert(
      fc.property(vectors, hashes, fc.nat(0xffff_ffff), (x, roundHash, section) => {
        const norm = l2Norm(x);
        const rotated = x.slice();
        rotateInPlace(rotated, roundHash, section);
        expect(Math.abs(l2Norm(rotated) - norm)).toBeLessThanOrEqual(1e-6 * norm + 1e-30);
        unrotateInPlace(rotated, roundHash, section);
        const error = l2Norm(rotated.map((value, i) => value - x[i]));
        expect(error).toBeLessThanOrEqual(1e-6 * norm + 1e-30);
      }),
    );
  });

  it('keeps the angle between two vectors', () => {
    const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);
    fc.assert(
      fc.property(vectors, hashes, (x, roundHash) => {
        const y = x.map((value, i) => value + ((i * 37) % 11));
        const before = dot(x, y);
        const room = 2e-6 * l2Norm(x) * l2Norm(y) + 1e-30;
        for (const vector of [x, y]) rotateInPlace(vector, roundHash, 2);
        expect(Math.abs(dot(x, y) - before)).toBeLessThanOrEqual(room);
      }),
    );
  });

  it('spreads a single coordinate over a window evenly', () => {
    for (const [length, at] of [
      [1024, 77],
      [1500, 3],
    ]) {
      const x = new Float32Array(length);
      x[at] = 1;
      rotateInPlace(x, new Uint8Array(32).fill(8), 0);
      expect(x.reduce((most, value) => Math.max(most, Math.abs(value)), 0)).toBeLessThan(6 / Math.sqrt(1024));
    }
  });
});

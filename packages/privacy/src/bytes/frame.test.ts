import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../hash/index.ts';
import { f64le, frame, u32le, u64le } from './frame.ts';
import { bytesToHex, hexToBytes } from './hex.ts';

/** From secagg_goldens.py (Python, its own frame and hashlib): a roster hash, and frames over it. */
const rosterHash = hexToBytes('2bd85db6b8141be22dc5da2f0d91b097b692a9aa19bf149a5dfa0daddf18bc73');

describe('a frame', () => {
  it('is label, zero, and parts with their lengths in little-endian', () => {
    expect(bytesToHex(frame('ab', Uint8Array.of(1, 2, 3), new Uint8Array(0)))).toBe(
      '616200' + '03000000010203' + '00000000',
    );
  });

  it('is what the reference makes', () => {
    const neighbours = Uint8Array.from([...u32le(1), ...u32le(2)]);
    expect(bytesToHex(frame('tributary/v1/neighbours', rosterHash, u32le(0), neighbours))).toBe(
      '7472696275746172792f76312f6e65696768626f757273002000000' +
        '02bd85db6b8141be22dc5da2f0d91b097b692a9aa19bf149a5dfa0daddf18bc73' +
        '0400000000000000080000000100000002000000',
    );
    const secret = hexToBytes('7b6ba477f7d7dc0a27f2d6a9f2750918bc64252d55da6b3ef3e30bfe5f388dfb');
    expect(bytesToHex(sha256(frame('tributary/v1/self-mask-commitment', rosterHash, secret)))).toBe(
      '8ab17d00a4292927fee7c4e9483da9b0a767e0970be86fb63a6741b2c47c0fae',
    );
    const roundHash = hexToBytes('f785516cf92ba1493a7742ff2de1b766a2c709cf9dfa16f3fc0d50a6889f599e');
    const root = hexToBytes('6ae182b7b41f687f163f9af48e3de0af1525ea38def670bc09b36412c1ea0167');
    expect(sha256(frame('tributary/v1/roster', roundHash, u32le(3), root))).toEqual(rosterHash);
  });

  it('never gives two lists of parts one encoding', () => {
    const parts = fc.array(fc.uint8Array({ maxLength: 4 }), { maxLength: 4 });
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const same = bytesToHex(frame('x', ...a)) === bytesToHex(frame('x', ...b));
        expect(same).toBe(JSON.stringify(a.map((p) => [...p])) === JSON.stringify(b.map((p) => [...p])));
      }),
    );
  });

  it('refuses numbers that do not fit', () => {
    for (const bad of [-1, 2 ** 32, 0.5, Number.NaN]) expect(() => u32le(bad)).toThrow(RangeError);
    for (const bad of [-1, 2 ** 53, 0.5]) expect(() => u64le(bad)).toThrow(RangeError);
    expect(bytesToHex(u64le(2 ** 40))).toBe('0000000000010000');
  });

  it('encodes a number in one way', () => {
    expect(bytesToHex(f64le(1))).toBe('000000000000f03f');
    expect(f64le(-0)).toEqual(f64le(0));
    expect(() => f64le(Number.NaN)).toThrow(RangeError);
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        expect(new DataView(f64le(value).buffer).getFloat64(0, true) === value).toBe(true);
      }),
    );
  });
});

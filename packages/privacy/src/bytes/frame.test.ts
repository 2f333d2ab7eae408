import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frame, u32le, u64le } from './frame.ts';
import { bytesToHex } from './hex.ts';

describe('a frame', () => {
  it('is label, zero, and parts with their lengths in little-endian', () => {
    expect(bytesToHex(frame('ab', Uint8Array.of(1, 2, 3), new Uint8Array(0)))).toBe(
      '616200' + '03000000010203' + '00000000',
    );
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
});

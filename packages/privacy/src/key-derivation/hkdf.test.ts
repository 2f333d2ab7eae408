import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex, hexToBytes } from '../bytes/hex.ts';
import { hkdf, nativeHkdf, portableHkdf } from './hkdf.ts';

if (!nativeHkdf) throw new Error('These tests compare with the HKDF of Node.');
const native = nativeHkdf;
const implementations = [
  ['native', native],
  ['portable', portableHkdf],
] as const;
const range = (from: number, to: number) => Uint8Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe.each(implementations)('HKDF-SHA256, %s', (_, derive) => {
  it('is RFC 5869, A.1 to A.3', () => {
    expect(bytesToHex(derive(new Uint8Array(22).fill(0x0b), range(0, 12), range(0xf0, 0xf9), 42))).toBe(
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    );
    expect(bytesToHex(derive(range(0, 0x4f), range(0x60, 0xaf), range(0xb0, 0xff), 82))).toBe(
      'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09' +
        'da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
    );
    expect(bytesToHex(derive(new Uint8Array(22).fill(0x0b), new Uint8Array(0), new Uint8Array(0), 42))).toBe(
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    );
  });
});

describe('the two implementations of HKDF', () => {
  it('are one function', () => {
    const bytes = fc.uint8Array({ maxLength: 150 });
    fc.assert(
      fc.property(bytes, bytes, bytes, fc.constantFrom(1, 31, 32, 33, 64, 8160), (ikm, salt, info, length) => {
        expect(native(ikm, salt, info, length)).toEqual(portableHkdf(ikm, salt, info, length));
      }),
      { numRuns: 60 },
    );
    expect(native(hexToBytes('aa'), hexToBytes('bb'), hexToBytes('cc'))).toHaveLength(32);
  });

  it('give the first 32 bytes where no length is named', () => {
    const bytes = fc.uint8Array({ maxLength: 150 });
    fc.assert(
      fc.property(bytes, bytes, bytes, (ikm, salt, info) => {
        const expected = portableHkdf(ikm, salt, info, 42).subarray(0, 32);
        for (const derive of [hkdf, native, portableHkdf]) expect(derive(ikm, salt, info)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { portableUtf8Text, utf8Text } from './text.ts';

const platform = (bytes: Uint8Array) => new TextDecoder('utf-8', { fatal: true }).decode(bytes);

describe.each([
  ['platform', utf8Text],
  ['portable', portableUtf8Text],
])('text of UTF-8 bytes, %s', (_, textOf) => {
  it('is what was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const bytes = new TextEncoder().encode(text);
        expect(textOf(bytes)).toBe(platform(bytes));
      }),
    );
  });

  it('reads or refuses any bytes as the platform does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 8 }), (bytes) => {
        let expected: string | null;
        try {
          expected = platform(bytes);
        } catch {
          expected = null;
        }
        if (expected === null) expect(() => textOf(bytes)).toThrow();
        else expect(textOf(bytes)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('splits no character of a long text, wherever it stands', () => {
    for (const offset of [0, 1, 2, 3]) {
      const text = 'x'.repeat(offset) + '%🎬é漢'.repeat(20_000);
      expect(textOf(new TextEncoder().encode(text))).toBe(text);
    }
  });

  it('refuses a long run of bytes that continue nothing', () => {
    expect(() => textOf(new Uint8Array(200_000).fill(0x80))).toThrow();
  });
});

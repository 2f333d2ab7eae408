import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex, hexToBytes } from '../../bytes/hex.ts';
import { seededResearchRandom } from '../../random/keystream.ts';
import {
  combineShares,
  dealShares,
  evaluateShare,
  invertPublic,
  multiply,
  multiplyPublic,
  wrongShares,
} from './index.ts';

const golden = JSON.parse(
  readFileSync(new URL('../../../../../test/golden/secagg/primitives.json', import.meta.url), 'utf8'),
).shamir;
const element = fc.integer({ min: 0, max: 65_535 });
const random = seededResearchRandom(3);

describe('GF(2^16)', () => {
  it('multiplies and inverts as the independent implementation does', () => {
    for (const [a, b, product] of golden.products) {
      expect(multiply(a, b)).toBe(product);
      expect(multiplyPublic(a, b)).toBe(product);
    }
    for (const [a, inverse] of golden.inverses) expect(invertPublic(a)).toBe(inverse);
  });

  it('is a field, and its two multiplications are one', () => {
    fc.assert(
      fc.property(element, element, element, (a, b, c) => {
        expect(multiply(a, b)).toBe(multiplyPublic(a, b));
        expect(multiply(a, b)).toBe(multiply(b, a));
        expect(multiply(a, multiply(b, c))).toBe(multiply(multiply(a, b), c));
        expect(multiply(a, b ^ c)).toBe(multiply(a, b) ^ multiply(a, c));
        if (a !== 0) expect(multiply(a, invertPublic(a))).toBe(1);
      }),
    );
    expect(() => invertPublic(0)).toThrow(RangeError);
  });
});

describe('shares of a secret', () => {
  it('are those of the independent implementation', () => {
    const coefficients = hexToBytes(golden.coefficients.join(''));
    for (const [x, share] of Object.entries(golden.shares)) {
      expect(bytesToHex(evaluateShare(hexToBytes(golden.secret), coefficients, Number(x)))).toBe(share);
    }
  });

  it('give it back, whichever `threshold` of them are put together', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.integer({ min: 2, max: 12 }),
        fc.integer({ min: 0, max: 12 }),
        fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
        (secret, threshold, more, order) => {
          const shares = dealShares(secret, threshold, threshold + more, random).map((value, i) => ({
            x: i + 1,
            value,
          }));
          const shuffled = shares.map((share, i) => [order[i], share] as const).sort(([a], [b]) => a - b);
          const chosen = shuffled.slice(0, threshold).map(([, share]) => share);
          expect(combineShares(chosen)).toEqual(secret);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('say nothing when one is missing: every secret stays possible', () => {
    // With t - 1 shares given, each candidate of the secret fixes exactly one polynomial: interpolate a last share for it.
    const [secret, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(200)];
    const shares = dealShares(secret, 3, 5, random).map((value, i) => ({ x: i + 1, value }));
    const asZero = (candidate: Uint8Array) => ({ x: 9, value: candidate });
    // A polynomial through both given shares and the candidate at zero, evaluated at 7, differs from the true one but exists.
    const shifted = shares.slice(0, 2).map(({ x, value }) => ({ x: x ^ 9, value }));
    const atNine = combineShares([...shifted, { x: 9, value: other }]);
    expect(combineShares([...shares.slice(0, 2), asZero(atNine)])).toEqual(other);
  });

  it('that were changed are found, up to half of what there is to spare', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 8 }),
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 0, max: 5 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (threshold, spare, changes, secret) => {
          const shares = dealShares(secret, threshold, threshold + spare, random).map((value, i) => ({
            x: i + 1,
            value,
          }));
          const wrong = shares.slice(0, Math.min(changes, spare >> 1));
          for (const { x, value } of wrong) value[x % 32] ^= 0x55;
          expect(wrongShares(shares, threshold)).toEqual(new Set(wrong.map(({ x }) => x)));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('are not dealt with a threshold of one, nor to fewer than the threshold', () => {
    const secret = new Uint8Array(32);
    expect(() => dealShares(secret, 1, 5, random)).toThrow(RangeError);
    expect(() => dealShares(secret, 6, 5, random)).toThrow(RangeError);
    expect(() => dealShares(secret.subarray(1), 2, 5, random)).toThrow(RangeError);
    expect(() =>
      combineShares([
        { x: 0, value: secret },
        { x: 1, value: secret },
      ]),
    ).toThrow(RangeError);
    expect(() =>
      combineShares([
        { x: 1, value: secret },
        { x: 1, value: secret },
      ]),
    ).toThrow(RangeError);
  });
});

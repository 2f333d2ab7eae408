import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hexToBytes } from '../bytes/hex.ts';
import { seededResearchRandom } from '../random/keystream.ts';
import { type Ed25519, nativeEd25519, portableEd25519 } from './ed25519.ts';
import { createIdentity, identityOf, sign, verify } from './identity.ts';
import { memoisedVerify } from './memoised-verify.ts';
import { forgetSecret, secretKey } from './secret-key.ts';

if (!nativeEd25519) throw new Error('These tests compare with the Ed25519 of Node.');
const implementations: readonly [string, Ed25519][] = [
  ['native', nativeEd25519],
  ['portable', portableEd25519],
];
const { Point } = ed25519;
const order = Point.CURVE().n;
const prime = 2n ** 255n - 19n;
const littleEndian = (value: bigint) =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
const fromLittleEndian = (bytes: Uint8Array) => bytes.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n);
const message = Uint8Array.of(1, 2, 3);
const both = (signature: Uint8Array, text: Uint8Array, key: Uint8Array) =>
  implementations.map(([, { verify: check }]) => check(signature, text, key));

/** A point of order eight. */
const torsion = Point.fromBytes(hexToBytes('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'), false);

describe('the two implementations of Ed25519', () => {
  it('give the same keys and signatures, and take each other’s', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ maxLength: 100 }), (seed, text) => {
        const secret = secretKey(seed);
        const [native, portable] = implementations.map(([, one]) => ({
          key: one.publicKeyOf(secret),
          signature: one.sign(text, secret),
        }));
        expect(native).toEqual(portable);
        expect(both(native.signature, text, native.key)).toEqual([true, true]);
      }),
      { numRuns: 30 },
    );
  });

  it('refuse the same changed signatures, messages and keys', () => {
    const { publicKey, secretKey: secret } = createIdentity(seededResearchRandom(4));
    const signature = sign(message, secret);
    fc.assert(
      fc.property(fc.nat(127), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const [changed, key, text] = [signature.slice(), publicKey.slice(), message.slice()];
        if (at < 64) changed[at] ^= change;
        else if (at < 96) key[at - 64] ^= change;
        else text[at % 3] ^= change;
        const answers = both(changed, text, key);
        expect(answers).toEqual([false, false]);
      }),
      { numRuns: 80 },
    );
    for (const length of [0, 63, 65]) expect(both(new Uint8Array(length), message, publicKey)).toEqual([false, false]);
    for (const length of [0, 31, 33]) expect(both(signature, message, new Uint8Array(length))).toEqual([false, false]);
  });

  it('refuse the malleable twin, S + L', () => {
    const { publicKey, secretKey: secret } = createIdentity(seededResearchRandom(5));
    const twin = sign(message, secret);
    twin.set(littleEndian(fromLittleEndian(twin.subarray(32)) + order), 32);
    expect(both(twin, message, publicKey)).toEqual([false, false]);
  });

  it('refuse every encoding of every key of small order, for which one signature holds for all messages', () => {
    let encodings = 0;
    for (let multiple = 1n; multiple <= 8n; multiple++) {
      const point = multiple === 8n ? Point.ZERO : torsion.multiplyUnsafe(multiple);
      const canonical = point.toBytes();
      const y = fromLittleEndian(canonical) & (2n ** 255n - 1n);
      // The same y again above the prime where it fits, and either sign of x.
      for (const value of [y, y + prime].filter((one) => one < 2n ** 255n)) {
        for (const sign of [0, 0x80]) {
          const key = littleEndian(value);
          key[31] |= sign;
          const forgery = new Uint8Array(64);
          forgery.set(Point.ZERO.toBytes());
          expect(both(forgery, message, key)).toEqual([false, false]);
          forgery.set(canonical);
          expect(both(forgery, message, key)).toEqual([false, false]);
          encodings += 1;
        }
      }
    }
    expect(encodings).toBeGreaterThanOrEqual(16);
  });

  it('agree where a point of small order hides in the signature or in the key', () => {
    const scalar = 1234567n;
    const pure = Point.BASE.multiply(scalar);
    const nonce = 12345n;
    for (const [key, commitment] of [
      [pure, Point.BASE.multiply(nonce).add(torsion)],
      [pure.add(torsion), Point.BASE.multiply(nonce)],
      [pure.add(torsion), Point.BASE.multiply(nonce).add(torsion)],
    ]) {
      for (let text = 0; text < 8; text++) {
        const [A, R, body] = [key.toBytes(), commitment.toBytes(), Uint8Array.of(text)];
        const k = hashToScalar(R, A, body);
        const signature = new Uint8Array(64);
        signature.set(R);
        signature.set(littleEndian((nonce + k * scalar) % order), 32);
        const [native, portable] = both(signature, body, A);
        expect(native).toBe(portable);
      }
    }
  });

  it('do not sign with a secret that was forgotten', () => {
    for (const [, { sign: make }] of implementations) {
      const identity = identityOf(new Uint8Array(32).fill(3));
      make(message, identity.secretKey);
      forgetSecret(identity.secretKey);
      expect(() => make(message, identity.secretKey)).toThrow(TypeError);
    }
  });
});

function hashToScalar(...parts: readonly Uint8Array[]): bigint {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return fromLittleEndian(sha512(bytes)) % order;
}

describe('verification that is remembered', () => {
  it('gives the same answers, the second time too, whatever is exchanged', () => {
    const remembered = memoisedVerify(8);
    const [one, other] = [createIdentity(seededResearchRandom(6)), createIdentity(seededResearchRandom(7))];
    const signature = sign(message, one.secretKey);
    for (let time = 0; time < 3; time++) {
      expect(remembered(signature, message, one.publicKey)).toBe(true);
      expect(remembered(signature, Uint8Array.of(1, 2), one.publicKey)).toBe(false);
      expect(remembered(signature, message, other.publicKey)).toBe(false);
      for (let i = 0; i < 20; i++) {
        expect(remembered(signature, Uint8Array.of(i), one.publicKey)).toBe(
          verify(signature, Uint8Array.of(i), one.publicKey),
        );
      }
    }
    expect(remembered(new Uint8Array(3), message, one.publicKey)).toBe(false);
  });
});

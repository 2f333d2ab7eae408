import { ed25519 as noble } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import nacl from 'tweetnacl';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../bytes/frame.ts';
import { bytesToHex, hexToBytes } from '../bytes/hex.ts';
import { rfc8032 } from './ed25519.cases.ts';
import { type Ed25519, nativeEd25519, portableEd25519 } from './ed25519.ts';
import { secretKey } from './secret-key.ts';

const native = nativeEd25519 as Ed25519;
const both = [
  ['native', native],
  ['portable', portableEd25519],
] as const;

const { Point } = noble;
type Point = InstanceType<typeof Point>;
const order = 2n ** 252n + 27742317777372353535851937790883648493n;
const prime = 2n ** 255n - 19n;

const little = (value: bigint, length = 32) =>
  Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
const fromLittle = (bytes: Uint8Array) => bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
const joined = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const withSign = (encoding: Uint8Array) => joined(encoding.subarray(0, 31), Uint8Array.of(encoding[31] | 0x80));
const multiple = (point: Point, scalar: bigint) => (scalar === 0n ? Point.ZERO : point.multiplyUnsafe(scalar));

/** All eight points of small order: multiples of one of order 8. */
const eighth = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05');
const torsion = Array.from({ length: 8 }, (_, i) => multiple(eighth, BigInt(i)));

/** k of RFC 8032 section 5.1.7. */
const challenge = (r: Uint8Array, key: Uint8Array, message: Uint8Array) =>
  fromLittle(sha512(joined(r, key, message))) % order;

/** What both implementations say, which must be one thing. */
function verdict(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean {
  const answer = native.verify(signature, message, key);
  expect(portableEd25519.verify(signature, message, key)).toBe(answer);
  return answer;
}

describe.each(both)('Ed25519, %s', (_, ed25519) => {
  it('gives the keys and signatures of RFC 8032', () => {
    for (const [seed, publicKey, message, signature] of rfc8032) {
      const secret = secretKey(hexToBytes(seed));
      expect(bytesToHex(ed25519.publicKeyOf(secret))).toBe(publicKey);
      expect(bytesToHex(ed25519.sign(hexToBytes(message), secret))).toBe(signature);
      expect(ed25519.verify(hexToBytes(signature), hexToBytes(message), hexToBytes(publicKey))).toBe(true);
    }
  });
});

describe('at the edges of Ed25519, both implementations', () => {
  it('sign the same bytes as each other and as tweetnacl', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ maxLength: 200 }),
        (seed, message) => {
          const secret = secretKey(seed);
          const pair = nacl.sign.keyPair.fromSeed(seed);
          const signature = nacl.sign.detached(message, pair.secretKey);
          for (const [, ed25519] of both) {
            expect(ed25519.publicKeyOf(secret)).toEqual(pair.publicKey);
            expect(ed25519.sign(message, secret)).toEqual(signature);
          }
          expect(verdict(signature, message, pair.publicKey)).toBe(true);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('take S below the group order alone: every other S that stands for the same number is a twin', () => {
    for (const [, key, message, signature] of rfc8032) {
      const [r, s] = [hexToBytes(signature).subarray(0, 32), fromLittle(hexToBytes(signature).subarray(32))];
      for (let times = 0n; s + times * order < 2n ** 256n; times++) {
        const twin = joined(r, little(s + times * order));
        expect(verdict(twin, hexToBytes(message), hexToBytes(key))).toBe(times === 0n);
      }
    }
  });

  it('use the equation without the cofactor, whatever points of small order were added to key and R', () => {
    const secrets = [5n, 2n ** 251n + 12345n];
    const nonce = 987654321n;
    let accepted = 0;
    let refused = 0;
    for (const secret of secrets) {
      for (let i = 0; i < 8; i++) {
        for (let j = 0; j < 8; j++) {
          const key = Point.BASE.multiply(secret).add(torsion[i]).toBytes();
          const r = Point.BASE.multiply(nonce).add(torsion[j]).toBytes();
          // S B - k A is R where the parts of small order cancel: j + k i a multiple of 8. One message where they do, one not.
          const seen = new Set<boolean>();
          for (let attempt = 0; attempt < 24 && seen.size < 2; attempt++) {
            const message = utf8(`${i} ${j} ${attempt}`);
            const k = challenge(r, key, message);
            const cancels = (BigInt(j) + k * BigInt(i)) % 8n === 0n;
            if (seen.has(cancels)) continue;
            seen.add(cancels);
            const signature = joined(r, little((nonce + k * secret) % order));
            expect(verdict(signature, message, key)).toBe(cancels);
            // A verifier with the cofactor takes all of them: what is accepted here is never refused there.
            if (attempt === 0) expect(noble.verify(signature, message, key, { zip215: false })).toBe(true);
            if (cancels) accepted++;
            else refused++;
          }
        }
      }
    }
    expect(accepted).toBeGreaterThan(40);
    expect(refused).toBeGreaterThan(100);
  });

  it('refuse every key of small order, in any encoding, although the equation holds', () => {
    for (const point of torsion) {
      const canonical = point.toBytes();
      const y = fromLittle(canonical) & (2n ** 255n - 1n);
      const encodings = [canonical, withSign(canonical)];
      if (y + prime < 2n ** 255n) encodings.push(little(y + prime), withSign(little(y + prime)));
      for (const key of encodings) {
        for (let attempt = 0; attempt < 9; attempt++) {
          // R = B, S = 1: holds for every message whose k is a multiple of the key's order.
          const signature = joined(Point.BASE.toBytes(), little(1n));
          expect(verdict(signature, utf8(`${attempt}`), key)).toBe(false);
        }
      }
    }
  });

  it('refuse R in any but its one encoding, although the equation holds', () => {
    const secret = 77n;
    const key = Point.BASE.multiply(secret).toBytes();
    const message = utf8('of nothing');
    // R is the neutral point, so S = k a; y = 1 is also p + 1, and x = 0 has no sign.
    const one = little(1n);
    for (const r of [one, withSign(one), little(prime + 1n), withSign(little(prime + 1n))]) {
      const signature = joined(r, little((challenge(r, key, message) * secret) % order));
      expect(verdict(signature, message, key)).toBe(r === one);
    }
  });

  it('refuse a key in any but its one encoding, and what is no point', () => {
    const [, , , signature] = rfc8032[0];
    for (let y = 0n; y < 19n; y++) {
      for (const key of [little(y + prime), withSign(little(y + prime)), little(y), withSign(little(y))]) {
        expect(verdict(hexToBytes(signature), new Uint8Array(0), key)).toBe(false);
      }
    }
  });

  it('agree on signatures made of the worst keys, points and numbers', () => {
    const edges = [0n, 1n, 2n, prime - 1n, prime, prime + 1n, 2n ** 255n - 1n].map((y) => little(y));
    const points = [...edges, ...torsion.map((point) => point.toBytes()), Point.BASE.toBytes()];
    const encodings = [...points, ...points.map(withSign)];
    const numbers = [0n, 1n, 8n, order - 1n, order, order + 1n, 2n ** 252n, 2n ** 253n, 2n ** 255n, 2n ** 256n - 1n];
    fc.assert(
      fc.property(
        fc.constantFrom(...encodings),
        fc.constantFrom(...numbers),
        fc.constantFrom(...encodings, hexToBytes(rfc8032[2][1])),
        fc.uint8Array({ maxLength: 8 }),
        (r, s, key, message) => void verdict(joined(r, little(s)), message, key),
      ),
      { numRuns: 400 },
    );
  });
});

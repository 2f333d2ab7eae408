import { inspect } from 'node:util';
import { hexToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededResearchRandom } from '../random/keystream.ts';
import { rfc8032 } from './ed25519.cases.ts';
import { createIdentity, identityOf, sign, verify } from './identity.ts';
import { revealSecret } from './secret-key.ts';

/** Order of the Ed25519 base point, L. */
const order = 2n ** 252n + 27742317777372353535851937790883648493n;

describe('an identity', () => {
  it('signs as RFC 8032 says', () => {
    for (const [seed, publicKey, message, signature] of rfc8032) {
      const identity = identityOf(hexToBytes(seed));
      expect(identity.publicKey).toEqual(hexToBytes(publicKey));
      expect(sign(hexToBytes(message), identity.secretKey)).toEqual(hexToBytes(signature));
      expect(verify(hexToBytes(signature), hexToBytes(message), identity.publicKey)).toBe(true);
    }
  });

  it('refuses the malleable twin S + L of a valid signature', () => {
    const identity = createIdentity(seededResearchRandom(1));
    const message = new Uint8Array([1, 2, 3]);
    const signature = sign(message, identity.secretKey);
    let s = 0n;
    for (let i = 63; i >= 32; i--) s = s * 256n + BigInt(signature[i]);
    s += order;
    const twin = signature.slice();
    for (let i = 32; i < 64; i++, s /= 256n) twin[i] = Number(s % 256n);
    expect(verify(twin, message, identity.publicKey)).toBe(false);
  });

  it('refuses keys of small order, under which one signature would hold for every message', () => {
    const identityPoint = new Uint8Array(32);
    identityPoint[0] = 1;
    // R = the identity point, S = 0: 0 B = R + k A for any k where A has small order.
    const forgery = new Uint8Array(64);
    forgery[0] = 1;
    for (const key of [identityPoint, new Uint8Array(32)]) {
      for (const text of ['one', 'another', 'a third']) {
        expect(verify(forgery, new TextEncoder().encode(text), key)).toBe(false);
      }
    }
  });

  it('refuses a signature after any change, and never throws on rubbish', () => {
    const identity = createIdentity(seededResearchRandom(2));
    const message = new Uint8Array([9, 8, 7]);
    const signature = sign(message, identity.secretKey);
    fc.assert(
      fc.property(fc.nat(63), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = signature.slice();
        changed[at] ^= change;
        expect(verify(changed, message, identity.publicKey)).toBe(false);
      }),
      { numRuns: 40 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ maxLength: 40 }), (rubbish, key) => {
        expect(verify(rubbish, message, key)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('does not show its secret in JSON, strings or inspected objects', () => {
    const seed = new Uint8Array(32).fill(0xab);
    const identity = identityOf(seed);
    const secret = identity.secretKey;
    const shown = [
      JSON.stringify(identity),
      String(secret),
      `${Object.getOwnPropertyNames(secret)} ${Object.getOwnPropertySymbols(secret).map(String)} ${Object.values(secret)}`,
      inspect(identity, { depth: 9, showHidden: true, getters: true }),
      inspect(structuredClone(secret)),
      inspect(new Error('failed', { cause: identity }), { depth: 9, showHidden: true }),
    ].join();
    expect(shown).not.toMatch(/abab|171, ?171|q6ur/i);
    expect(() => revealSecret(structuredClone(secret))).toThrow(TypeError);
    expect(revealSecret(identity.secretKey)).toEqual(seed);
  });
});

import { inspect } from 'node:util';
import { hexToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededResearchRandom } from '../random/keystream.ts';
import { createIdentity, identityOf, sign, verify } from './identity.ts';
import { revealSecret } from './secret-key.ts';

/** RFC 8032 section 7.1: seed, public key, message, signature. */
const vectors = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
] as const;

/** Order of the Ed25519 base point, L. */
const order = 2n ** 252n + 27742317777372353535851937790883648493n;

describe('an identity', () => {
  it('signs as RFC 8032 says', () => {
    for (const [seed, publicKey, message, signature] of vectors) {
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
    const shown =
      JSON.stringify(identity) + String(identity.secretKey) + inspect(identity, { depth: 9, showHidden: true });
    expect(shown).not.toMatch(/abab|171, ?171/);
    expect(revealSecret(identity.secretKey)).toEqual(seed);
  });
});

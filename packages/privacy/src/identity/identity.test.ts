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
  [
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
  [
    '833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42',
    'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
    // SHA-512 of "abc"
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704',
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

import fc from 'fast-check';
import nacl from 'tweetnacl';
import { describe, expect, it } from 'vitest';
import { bytesToHex } from '../bytes/hex.ts';
import { revealSecret } from '../identity/secret-key.ts';
import { seededResearchRandom } from '../random/keystream.ts';
import { systemRandom } from '../random/secure-random.ts';
import { createSealingKeys, open, openInPlace, SealingError, seal, sealedLength } from './sealing.ts';

const random = seededResearchRandom(7);
const keys = createSealingKeys(random);
const arbitraryBytes = fc.uint8Array({ maxLength: 300 });

describe('a sealed contribution', () => {
  it('opens to what was sealed, and is as long as announced', () => {
    fc.assert(
      fc.property(arbitraryBytes, (plaintext) => {
        const sealed = seal(plaintext, keys.publicKey, random);
        expect(sealed.length).toBe(sealedLength(plaintext.length));
        expect(open(sealed, keys)).toEqual(plaintext);
      }),
      { numRuns: 30 },
    );
  });

  it('is a nacl box under an ephemeral key, as documented', () => {
    const plaintext = new Uint8Array([1, 2, 3, 4]);
    const sealed = seal(plaintext, keys.publicKey, random);
    const opened = nacl.box.open(
      sealed.slice(56),
      sealed.slice(32, 56),
      sealed.slice(0, 32),
      revealSecret(keys.secretKey),
    );
    expect(opened).toEqual(plaintext);
  });

  it('has the bytes that it always had', () => {
    const known = seededResearchRandom(11);
    const recipient = createSealingKeys(known);
    expect(bytesToHex(recipient.publicKey)).toBe('dbc45e6374c2fb9b7f12d9c4633939febcbee34b2241a1239118d2d6c964ec46');
    expect(bytesToHex(seal(new Uint8Array([1, 2, 3, 4, 5]), recipient.publicKey, known))).toBe(
      'f596176fd4aaa4debe94ecc914eb0eb8cb4eb73aafe984aae298111f0fb16d578e854413f2ad0850fc1c0a81f8eaeedb5e01fc7490edeec5' +
        'afe4ac840abcdb26c0816723e46eafb9eeb3e5243a',
    );
  });

  it('opens for nobody else, and not after any change or cut', () => {
    const sealed = seal(new Uint8Array(40).fill(5), keys.publicKey, random);
    expect(open(sealed, createSealingKeys(random))).toBeNull();
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        // The top bit of a Curve25519 public key is ignored by definition (RFC 7748 section 5).
        fc.pre(!(at === 31 && change === 128));
        const changed = sealed.slice();
        changed[at] ^= change;
        expect(open(changed, keys)).toBeNull();
        expect(open(sealed.slice(0, at), keys)).toBeNull();
      }),
      { numRuns: 40 },
    );
  });

  it('refuses keys of low order, for which every shared secret is zero', () => {
    const one = new Uint8Array(32);
    one[0] = 1;
    for (const lowOrder of [new Uint8Array(32), one]) {
      expect(() => seal(new Uint8Array(4), lowOrder, systemRandom)).toThrow(SealingError);
      const forged = seal(new Uint8Array(4), keys.publicKey, random);
      forged.set(lowOrder, 0);
      expect(open(forged, keys)).toBeNull();
    }
  });

  it('opens in place to the same, wherever it lies, and stays as it was where it does not open', () => {
    fc.assert(
      fc.property(arbitraryBytes, fc.nat(7), fc.nat(), fc.boolean(), (plaintext, offset, at, whole) => {
        const sealed = seal(plaintext, keys.publicKey, random);
        if (!whole) sealed[at % sealed.length] ^= 64;
        const buffer = new Uint8Array(sealed.length + 7);
        const place = buffer.subarray(offset, offset + sealed.length);
        place.set(sealed);
        const opened = openInPlace(place, keys);
        expect(opened).toEqual(open(sealed, keys));
        if (opened) expect([opened.buffer, opened.byteOffset]).toEqual([buffer.buffer, offset + sealedLength(0)]);
        else expect(place).toEqual(sealed);
        expect(whole).toBe(opened !== null);
      }),
      { numRuns: 60 },
    );
    expect(openInPlace(new Uint8Array(sealedLength(0) - 1), keys)).toBeNull();
    const forged = seal(new Uint8Array(4), keys.publicKey, random);
    forged.fill(0, 0, 32);
    expect(openInPlace(forged, keys)).toBeNull();
  });

  it('never looks the same twice', () => {
    const plaintext = new Uint8Array(64);
    expect(seal(plaintext, keys.publicKey, systemRandom)).not.toEqual(seal(plaintext, keys.publicKey, systemRandom));
  });
});

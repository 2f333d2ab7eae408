import { readFileSync } from 'node:fs';
import { x25519 as noble } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import nacl from 'tweetnacl';
import { describe, expect, it } from 'vitest';
import { bytesToHex, hexToBytes } from '../bytes/hex.ts';
import { revealSecret, secretKey } from '../identity/secret-key.ts';
import { seededResearchRandom } from '../random/keystream.ts';
import { agree, agreementKeysOf, createAgreementKeys, publicKeyOfSecret } from './key-agreement.ts';
import { nativeX25519, portableX25519, type X25519 } from './x25519.ts';

const native = nativeX25519 as X25519;
const both = [
  ['native', native],
  ['portable', portableX25519],
] as const;

const prime = 2n ** 255n - 19n;
const little = (value: bigint) => Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
const withTopBit = (u: Uint8Array) => Uint8Array.from(u, (byte, i) => (i === 31 ? byte | 0x80 : byte));
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** Every u-coordinate below 2^255 of a point of low order, on the curve and on its twist. */
const lowOrder = [
  little(0n),
  little(1n),
  hexToBytes('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'),
  hexToBytes('5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157'),
  little(prime - 1n),
  little(prime),
  little(prime + 1n),
];

describe.each(both)('X25519, %s', (_, x25519) => {
  it('agrees as RFC 7748 section 6.1 does', () => {
    const alice = secretKey(hexToBytes('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a'));
    const bob = secretKey(hexToBytes('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb'));
    const [alicePublic, bobPublic] = [x25519.publicKeyOf(alice), x25519.publicKeyOf(bob)];
    expect(bytesToHex(alicePublic)).toBe('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a');
    expect(bytesToHex(bobPublic)).toBe('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
    const shared = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742';
    expect(bytesToHex(x25519.agree(alice, bobPublic) as Uint8Array)).toBe(shared);
    expect(bytesToHex(x25519.agree(bob, alicePublic) as Uint8Array)).toBe(shared);
  });

  it('agrees to nothing with a point of low order, in any encoding', () => {
    const secret = secretKey(seededResearchRandom(1).bytes(32));
    for (const u of lowOrder.flatMap((one) => [one, withTopBit(one)])) {
      expect(nacl.scalarMult(revealSecret(secret), u)).toEqual(new Uint8Array(32));
      expect(x25519.agree(secret, u)).toBeNull();
    }
  });
});

describe('the implementations of X25519', () => {
  const same = (scalar: Uint8Array, u: Uint8Array) => {
    const secret = secretKey(scalar);
    const product = native.agree(secret, u);
    expect(portableX25519.agree(secret, u)).toEqual(product);
    if (product) expect(noble.getSharedSecret(scalar, u)).toEqual(product);
    else expect(() => noble.getSharedSecret(scalar, u)).toThrow();
    return product;
  };

  it('ignore the top bit of a u-coordinate', () => {
    fc.assert(
      fc.property(bytes32, bytes32, (scalar, u) => {
        expect(same(scalar, withTopBit(u))).toEqual(same(scalar, u));
      }),
      { numRuns: 20 },
    );
  });

  it('reduce a u-coordinate that is not below the prime', () => {
    const scalar = seededResearchRandom(2).bytes(32);
    for (let u = 0n; u < 19n; u++) {
      const product = same(scalar, little(u));
      expect(same(scalar, little(u + prime))).toEqual(product);
      expect(same(scalar, withTopBit(little(u + prime)))).toEqual(product);
    }
  });

  it('clamp every scalar alike', () => {
    const u = seededResearchRandom(3).bytes(32);
    for (const scalar of [little(0n), little(1n), little(8n), little(2n ** 256n - 1n), little(2n ** 254n - 1n)]) {
      expect(same(scalar, u)).not.toBeNull();
    }
  });
});

describe('an agreement', () => {
  it('is the raw output of X25519 of the known answer, and of its keys', () => {
    const golden = JSON.parse(
      readFileSync(new URL('../../../../test/golden/secagg/primitives.json', import.meta.url), 'utf8'),
    );
    const [own, other] = [agreementKeysOf(hexToBytes(golden.s_private[0])), hexToBytes(golden.s_public[1])];
    expect(bytesToHex(own.publicKey)).toBe(golden.s_public[0]);
    expect(bytesToHex(agree(own.secretKey, other) as Uint8Array)).toBe(golden.x25519_s0_S1);
    for (const [kind, publics] of [
      ['c_private', 'c_public'],
      ['s_private', 's_public'],
    ]) {
      expect(golden[kind].map((one: string) => bytesToHex(publicKeyOfSecret(hexToBytes(one))))).toEqual(
        golden[publics],
      );
    }
  });

  it('is the same from both sides, and is what nacl.box hashes', () => {
    const random = seededResearchRandom(4);
    const [one, other] = [createAgreementKeys(random), createAgreementKeys(random)];
    const shared = agree(one.secretKey, other.publicKey);
    expect(shared).toEqual(agree(other.secretKey, one.publicKey));
    expect(shared).not.toEqual(nacl.box.before(other.publicKey, revealSecret(one.secretKey)));
  });

  it('keeps its secret to itself, and refuses keys of other lengths', () => {
    const random = seededResearchRandom(5);
    const keys = createAgreementKeys(random);
    expect(JSON.stringify(keys.secretKey)).toBe('{"kind":"secret"}');
    for (const length of [0, 31, 33, 64]) {
      expect(() => agree(keys.secretKey, new Uint8Array(length))).toThrow(RangeError);
      expect(() => agreementKeysOf(new Uint8Array(length))).toThrow(RangeError);
    }
  });
});

import { x25519 as noble } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex, hexToBytes } from '../bytes/hex.ts';
import { forgetSecret, secretKey } from '../identity/secret-key.ts';
import { seededResearchRandom } from '../random/keystream.ts';
import { agree, createAgreementKeys } from './key-agreement.ts';
import { nativeX25519, portableX25519, type X25519 } from './x25519.ts';

if (!nativeX25519) throw new Error('These tests compare with the X25519 of Node.');
const implementations: readonly [string, X25519][] = [
  ['native', nativeX25519],
  ['portable', portableX25519],
];
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe.each(implementations)('X25519, %s', (_, { agree: multiply }) => {
  const hex = (scalar: string, u: string) =>
    bytesToHex(multiply(secretKey(hexToBytes(scalar)), hexToBytes(u)) as Uint8Array);

  it('is RFC 7748 section 5.2: two scalars, and a thousand iterations', () => {
    expect(
      hex(
        'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
        'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
      ),
    ).toBe('c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552');
    expect(
      hex(
        '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
        'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493',
      ),
    ).toBe('95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957');
    let [k, u] = [new Uint8Array(32), new Uint8Array(32)];
    k[0] = u[0] = 9;
    for (let i = 1; i <= 1000; i++) {
      const next = multiply(secretKey(k), u) as Uint8Array<ArrayBuffer>;
      [k, u] = [next, k];
      if (i === 1) expect(bytesToHex(k)).toBe('422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079');
    }
    expect(bytesToHex(k)).toBe('684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51');
  });

  it('gives nothing for points of low order, in any encoding', () => {
    const low = [
      '0000000000000000000000000000000000000000000000000000000000000000',
      '0100000000000000000000000000000000000000000000000000000000000000',
      'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
      '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
      'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
      'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
      'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    ].map(hexToBytes);
    const secret = secretKey(seededResearchRandom(1).bytes(32));
    for (const u of low) {
      expect(multiply(secret, u)).toBeNull();
      const topBit = u.slice();
      topBit[31] |= 0x80;
      expect(multiply(secret, topBit)).toBeNull();
    }
  });
});

describe('the two implementations of X25519', () => {
  it('are one function, and that of a third library, also for encodings above the prime', () => {
    fc.assert(
      fc.property(bytes32, bytes32, fc.boolean(), fc.nat(18), (scalar, u, high, beyond) => {
        if (high) {
          u.fill(0xff);
          u[0] = 0xed + beyond;
          u[31] = 0x7f;
        }
        const [native, portable] = implementations.map(([, { agree: multiply }]) => multiply(secretKey(scalar), u));
        expect(native).toEqual(portable);
        let third: Uint8Array | null = null;
        try {
          third = noble.getSharedSecret(scalar, u);
        } catch {
          // noble throws where the output is zero.
        }
        if (third?.every((byte) => byte === 0)) third = null;
        expect(native).toEqual(third);
        const keys = implementations.map(([, { publicKeyOf }]) => publicKeyOf(secretKey(scalar)));
        expect(keys[0]).toEqual(keys[1]);
        expect(keys[0]).toEqual(noble.getPublicKey(scalar));
      }),
      { numRuns: 60 },
    );
  });

  it('do not agree with a secret that was forgotten, nor with a key of another length', () => {
    const [one, other] = [createAgreementKeys(seededResearchRandom(2)), createAgreementKeys(seededResearchRandom(3))];
    expect(agree(one.secretKey, other.publicKey)).toEqual(agree(other.secretKey, one.publicKey));
    expect(() => agree(one.secretKey, new Uint8Array(31))).toThrow(RangeError);
    forgetSecret(one.secretKey);
    expect(() => agree(one.secretKey, other.publicKey)).toThrow(TypeError);
  });
});

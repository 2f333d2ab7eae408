import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex } from '../bytes/hex.ts';
import { createHasher, portableHasher, sha256 } from './index.ts';

describe('SHA-256', () => {
  it('gives the known answer of FIPS 180-4', () => {
    expect(bytesToHex(sha256(new TextEncoder().encode('abc')))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('is the same natively and portably, whole or in parts', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), (parts) => {
        const [one, other] = [createHasher(), portableHasher()];
        for (const part of parts) {
          one.update(part);
          other.update(part);
        }
        const digest = one.digest();
        expect(other.digest()).toEqual(digest);
        expect(sha256(Uint8Array.from(parts.flatMap((part) => [...part])))).toEqual(digest);
      }),
    );
  });
});

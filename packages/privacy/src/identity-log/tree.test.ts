import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex, hexToBytes } from '../bytes/hex.ts';
import { isPowerOfTwo, leftSize, merkleRoot } from './merkle-node.ts';
import { createMerkleTree } from './tree.ts';

const hash = (...parts: Uint8Array[]) => new Uint8Array(createHash('sha256').update(Buffer.concat(parts)).digest());
const leaves = Array.from({ length: 40 }, (_, i) => hash(Uint8Array.of(i)));

/** D[0:n] of RFC 9162 in its own words; `split` is k. */
const split = (n: number) => {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
};
/** MTH, section 2.1.1. */
function rootOf(list: readonly Uint8Array[]): Uint8Array {
  if (list.length === 0) return hash();
  if (list.length === 1) return list[0];
  const k = split(list.length);
  return hash(Uint8Array.of(1), rootOf(list.slice(0, k)), rootOf(list.slice(k)));
}
/** PATH, section 2.1.3.1. */
function pathOf(m: number, list: readonly Uint8Array[]): Uint8Array[] {
  if (list.length === 1) return [];
  const k = split(list.length);
  return m < k
    ? [...pathOf(m, list.slice(0, k)), rootOf(list.slice(k))]
    : [...pathOf(m - k, list.slice(k)), rootOf(list.slice(0, k))];
}
/** SUBPROOF, section 2.1.4.1. */
function subproofOf(m: number, list: readonly Uint8Array[], whole: boolean): Uint8Array[] {
  if (m === list.length) return whole ? [] : [rootOf(list)];
  const k = split(list.length);
  return m <= k
    ? [...subproofOf(m, list.slice(0, k), whole), rootOf(list.slice(k))]
    : [...subproofOf(m - k, list.slice(k), false), rootOf(list.slice(0, k))];
}
const hex = (hashes: readonly Uint8Array[]) => hashes.map(bytesToHex).join('');

describe('a Merkle tree', () => {
  it('gives, at every size, the proofs of a naive recomputation, whatever was asked for before', () => {
    const tree = createMerkleTree(leaves);
    for (let size = 1; size <= 40; size++) {
      const list = leaves.slice(0, size);
      for (let index = 0; index < size; index++) {
        expect(bytesToHex(tree.inclusionProof(index, size))).toBe(hex(pathOf(index, list)));
        const before = index + 1;
        expect(bytesToHex(tree.consistencyProof(before, size))).toBe(hex(subproofOf(before, list, true)));
        expect(bytesToHex(tree.root(before))).toBe(bytesToHex(rootOf(leaves.slice(0, before))));
      }
    }
  });

  it('gives the same while it grows', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(39), fc.nat(39)), { maxLength: 40 }), (steps) => {
        const tree = createMerkleTree();
        for (const [count, a, b] of steps) {
          for (let i = 0; i < count && tree.size < 40; i++) expect(tree.append(leaves[tree.size])).toBe(tree.size - 1);
          expect(bytesToHex(tree.root())).toBe(bytesToHex(rootOf(leaves.slice(0, tree.size))));
          const size = Math.min(1 + a, tree.size);
          if (size === 0) continue;
          const list = leaves.slice(0, size);
          expect(bytesToHex(tree.inclusionProof(b % size, size))).toBe(hex(pathOf(b % size, list)));
          const before = 1 + (b % size);
          expect(bytesToHex(tree.consistencyProof(before, size))).toBe(hex(subproofOf(before, list, true)));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('gives the proofs that the implementations of certificate transparency share', () => {
    const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
    const tree = createMerkleTree(inputs.map((input) => hash(Uint8Array.of(0), hexToBytes(input))));
    const [first, second] = [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
    ];
    const firstTwo = 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125';
    const secondTwo = '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e';
    const firstFour = 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7';
    const lastFour = '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4';
    const fifth = 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b';
    const thirdTwo = '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a';
    const lastTwo = 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0';
    const inclusion = (index: number, size: number) => bytesToHex(tree.inclusionProof(index, size));
    expect(inclusion(0, 1)).toBe('');
    expect(inclusion(0, 8)).toBe(second + secondTwo + lastFour);
    expect(inclusion(5, 8)).toBe(fifth + lastTwo + firstFour);
    expect(inclusion(2, 3)).toBe(firstTwo);
    expect(inclusion(1, 5)).toBe(first + secondTwo + fifth);
    const consistency = (before: number, size: number) => bytesToHex(tree.consistencyProof(before, size));
    expect(consistency(1, 1)).toBe('');
    expect(consistency(1, 8)).toBe(second + secondTwo + lastFour);
    expect(consistency(6, 8)).toBe(thirdTwo + lastTwo + firstFour);
    expect(consistency(2, 5)).toBe(secondTwo + fifth);
  });

  it('has the root of the known answer over the leaves of a roster', () => {
    const golden = JSON.parse(
      readFileSync(new URL('../../../../test/golden/secagg/primitives.json', import.meta.url), 'utf8'),
    );
    const roster: Uint8Array[] = golden.leaves.map(hexToBytes);
    expect(bytesToHex(merkleRoot(roster))).toBe(golden.merkle_root);
    expect(bytesToHex(createMerkleTree(roster).root())).toBe(golden.merkle_root);
  });

  it('keeps copies: neither what went in nor what came out changes it', () => {
    const given = leaves.slice(0, 3).map((leaf) => leaf.slice());
    const tree = createMerkleTree(given);
    const expected = bytesToHex(tree.root());
    for (const bytes of [...given, tree.root(), tree.root(1), tree.inclusionProof(2, 3)]) bytes.fill(0);
    expect(bytesToHex(tree.root())).toBe(expected);
    const one = [leaves[0].slice()];
    merkleRoot(one).fill(0);
    expect(one).toEqual([leaves[0]]);
  });

  it('refuses leaves that are no hashes, and questions about what it never was', () => {
    const tree = createMerkleTree(leaves);
    for (const length of [0, 31, 33]) expect(() => tree.append(new Uint8Array(length))).toThrow(/32 bytes/);
    expect(tree.size).toBe(40);
    for (const size of [-1, 41, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => tree.root(size)).toThrow(RangeError);
      expect(() => tree.inclusionProof(0, size)).toThrow(RangeError);
      expect(() => tree.inclusionProof(size, 40)).toThrow(RangeError);
      expect(() => tree.consistencyProof(0, size)).toThrow(RangeError);
      expect(() => tree.consistencyProof(size, 40)).toThrow(RangeError);
    }
    expect(() => tree.inclusionProof(0, 0)).toThrow(RangeError);
    expect(() => tree.consistencyProof(5, 4)).toThrow(RangeError);
  });

  it('splits exactly at every size that a number holds, where logarithms round', () => {
    for (let height = 1; height <= 52; height++) {
      const power = 2 ** height;
      expect([power, power + 1].map(isPowerOfTwo)).toEqual([true, false]);
      if (height > 1) expect(isPowerOfTwo(power - 1)).toBe(false);
      expect([leftSize(power), leftSize(power + 1)]).toEqual([power / 2, power]);
    }
    expect(isPowerOfTwo(0)).toBe(false);
    expect(isPowerOfTwo(1)).toBe(true);
  });
});

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex, hexToBytes } from '../bytes/hex.ts';
import { createIdentity } from '../identity/identity.ts';
import { seededResearchRandom } from '../random/keystream.ts';
import {
  createIdentityLog,
  identityLeaf,
  merkleRoot,
  signLogRoot,
  verifyConsistency,
  verifyInclusion,
  verifyLogRoot,
} from './index.ts';

const node = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
const leaves = Array.from({ length: 41 }, (_, i) => new Uint8Array(createHash('sha256').update(`leaf ${i}`).digest()));
const log = createIdentityLog(leaves);

/** MTH of RFC 9162 section 2.1.1, word by word. */
function reference(list: readonly Uint8Array[]): Uint8Array {
  if (list.length === 0) return node();
  if (list.length === 1) return list[0];
  let split = 1;
  while (2 * split < list.length) split *= 2;
  return node(Uint8Array.of(1), reference(list.slice(0, split)), reference(list.slice(split)));
}

/** The inputs and roots that certificate transparency's implementations share (their merkle_tree_test.cc). */
const transparency = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const transparencyRoots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('the Merkle tree', () => {
  it('has the roots that certificate transparency publishes', () => {
    const hashed = transparency.map((hex) => new Uint8Array(node(Uint8Array.of(0), hexToBytes(hex))));
    transparencyRoots.forEach((root, i) => {
      expect(bytesToHex(merkleRoot(hashed.slice(0, i + 1)))).toBe(root);
    });
    expect(bytesToHex(merkleRoot([]))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('is that of RFC 9162 at every size', () => {
    for (let size = 0; size <= 41; size++) {
      const expected = bytesToHex(reference(leaves.slice(0, size)));
      expect(bytesToHex(log.root(size))).toBe(expected);
      expect(bytesToHex(merkleRoot(leaves.slice(0, size)))).toBe(expected);
    }
  });
});

describe('a proof', () => {
  it('of inclusion holds for its leaf, place and size, and for no other', () => {
    for (let size = 1; size <= 41; size++) {
      for (let index = 0; index < size; index++) {
        const claim = {
          leaf: leaves[index],
          index,
          size,
          root: log.root(size),
          proof: log.inclusionProof(index, size),
        };
        expect(verifyInclusion(claim)).toBe(true);
        expect(verifyInclusion({ ...claim, leaf: leaves[(index + 1) % 41] })).toBe(false);
        if (size > 1) expect(verifyInclusion({ ...claim, index: (index + 1) % size })).toBe(false);
        expect(verifyInclusion({ ...claim, proof: new Uint8Array([...claim.proof, ...leaves[0]]) })).toBe(false);
      }
    }
  });

  it('of consistency holds between the two sizes, and not after a leaf was changed', () => {
    const forged = createIdentityLog(leaves.map((leaf, i) => (i === 3 ? leaves[40] : leaf)));
    for (let oldSize = 0; oldSize <= 41; oldSize++) {
      for (let newSize = oldSize; newSize <= 41; newSize++) {
        const proof = log.consistencyProof(oldSize, newSize);
        const claim = { oldSize, oldRoot: log.root(oldSize), newSize, newRoot: log.root(newSize), proof };
        expect(verifyConsistency(claim)).toBe(true);
        if (oldSize > 3) {
          const rewritten = {
            ...claim,
            newRoot: forged.root(newSize),
            proof: forged.consistencyProof(oldSize, newSize),
          };
          expect(verifyConsistency(rewritten)).toBe(false);
        }
        if (newSize > oldSize) expect(verifyConsistency({ ...claim, oldSize: newSize, newSize: oldSize })).toBe(false);
      }
    }
  });

  it('that is rubbish is refused without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.double(), fc.double(), fc.boolean(), (proof, a, b, whole) => {
        const [one, other] = whole ? [Math.abs(Math.trunc(a)) % 50, Math.abs(Math.trunc(b)) % 50] : [a, b];
        const root = log.root();
        expect(verifyInclusion({ leaf: leaves[0], index: one, size: other, root, proof })).toBe(false);
        const claim = { oldSize: one, oldRoot: leaves[1], newSize: other, newRoot: root, proof };
        if (one !== 0) expect(verifyConsistency(claim)).toBe(false);
      }),
    );
    expect(() => log.inclusionProof(41, 41)).toThrow(RangeError);
    expect(() => log.consistencyProof(3, 42)).toThrow(RangeError);
  });
});

describe('the log of identities', () => {
  it('knows where an identity stands, per population', () => {
    const [one, other] = [createIdentity(seededResearchRandom(1)), createIdentity(seededResearchRandom(2))];
    const small = createIdentityLog();
    expect(small.append(identityLeaf('films', one.publicKey))).toBe(0);
    expect(small.append(identityLeaf('films', other.publicKey))).toBe(1);
    expect(small.indexOf(identityLeaf('films', other.publicKey))).toBe(1);
    expect(small.indexOf(identityLeaf('books', other.publicKey))).toBeUndefined();
  });

  it('is signed by the coordinator, root, size and population', () => {
    const coordinator = createIdentity(seededResearchRandom(3));
    const signed = signLogRoot('films', log, coordinator);
    expect(verifyLogRoot(signed, coordinator.publicKey)).toBe(true);
    for (const change of [{ population: 'books' }, { size: 40 }, { root: log.root(40) }]) {
      expect(verifyLogRoot({ ...signed, ...change }, coordinator.publicKey)).toBe(false);
    }
  });
});

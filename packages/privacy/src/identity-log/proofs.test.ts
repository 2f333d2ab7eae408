import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIdentity } from '../identity/identity.ts';
import { seededResearchRandom } from '../random/keystream.ts';
import {
  createIdentityLog,
  createMerkleTree,
  identityLeaf,
  signLogRoot,
  verifyConsistency,
  verifyInclusion,
  verifyLogRoot,
} from './index.ts';

const leaves = Array.from({ length: 40 }, (_, i) => new Uint8Array(createHash('sha256').update(`leaf ${i}`).digest()));
const tree = createMerkleTree(leaves);
const place = fc.nat(39).chain((size) => fc.tuple(fc.nat(size), fc.constant(size + 1)));

/** The bytes with one bit changed; null where there are none. */
function flipped(bytes: Uint8Array, bit: number): Uint8Array | null {
  if (bytes.length === 0) return null;
  const changed = bytes.slice();
  changed[(bit >> 3) % bytes.length] ^= 1 << (bit & 7);
  return changed;
}
/** Too short, too long, empty; also with whole hashes missing or added, at either end. */
const wrongLengths = (bytes: Uint8Array) =>
  [0, 1, 31, 33, 64, 100, 32 * 200, bytes.length - 32, bytes.length + 32, bytes.length - 1, bytes.length + 1]
    .filter((length) => length >= 0 && length !== bytes.length)
    .flatMap((length) => {
      const cut = new Uint8Array(length);
      cut.set(bytes.subarray(0, length));
      return length < bytes.length ? [cut, bytes.slice(bytes.length - length)] : [cut];
    });

describe('a proof of inclusion', () => {
  it('does not survive a changed bit of leaf, root or proof, another place or another size', () => {
    fc.assert(
      fc.property(place, fc.nat(), fc.integer({ min: -2, max: 45 }), ([index, size], bit, other) => {
        const claim = {
          leaf: leaves[index],
          index,
          size,
          root: tree.root(size),
          proof: tree.inclusionProof(index, size),
        };
        expect(verifyInclusion(claim)).toBe(true);
        for (const part of ['leaf', 'root', 'proof'] as const) {
          const changed = flipped(claim[part], bit);
          if (changed) expect(verifyInclusion({ ...claim, [part]: changed })).toBe(false);
          for (const wrong of wrongLengths(claim[part])) {
            expect(verifyInclusion({ ...claim, [part]: wrong })).toBe(false);
          }
        }
        if (other !== index) expect(verifyInclusion({ ...claim, index: other })).toBe(false);
        // Under the root of another size; the root of this size is all that a size is known by.
        if (other >= 0 && other <= 40 && other !== size) {
          expect(verifyInclusion({ ...claim, size: other, root: tree.root(other) })).toBe(
            other > index && Buffer.from(tree.inclusionProof(index, other)).equals(claim.proof),
          );
        }
      }),
    );
  });

  it('does not make a leaf of an inner node, nor of a leaf with more bytes behind it', () => {
    const two = createMerkleTree(leaves.slice(0, 2));
    const claim = { leaf: leaves[0], index: 0, size: 2, root: two.root(), proof: leaves[1] };
    expect(verifyInclusion(claim)).toBe(true);
    expect(verifyInclusion({ ...claim, leaf: Uint8Array.from([...leaves[0], 1, 2, 3]) })).toBe(false);
    // The node over the first two leaves, shown as the first of the two "leaves" of a tree of four.
    const four = {
      leaf: two.root(),
      index: 0,
      size: 4,
      root: tree.root(4),
      proof: tree.inclusionProof(0, 4).slice(32),
    };
    expect(verifyInclusion(four)).toBe(false);
    // What is hashed into a leaf begins with another byte than what is hashed into a node.
    const [identity] = [createIdentity(seededResearchRandom(1)).publicKey];
    expect(identityLeaf('films', identity)).not.toEqual(two.root());
  });
});

describe('a proof of consistency', () => {
  it('does not survive a changed bit of a root or of itself, or other lengths', () => {
    fc.assert(
      fc.property(place, fc.nat(), ([before, size], bit) => {
        const oldSize = before + 1;
        const claim = {
          oldSize,
          oldRoot: tree.root(oldSize),
          newSize: size,
          newRoot: tree.root(size),
          proof: tree.consistencyProof(oldSize, size),
        };
        expect(verifyConsistency(claim)).toBe(true);
        for (const part of ['oldRoot', 'newRoot', 'proof'] as const) {
          const changed = flipped(claim[part], bit);
          if (changed) expect(verifyConsistency({ ...claim, [part]: changed })).toBe(false);
          for (const wrong of wrongLengths(claim[part])) {
            expect(verifyConsistency({ ...claim, [part]: wrong })).toBe(false);
          }
        }
      }),
    );
  });

  it('holds from the empty log alone where the old size is 0', () => {
    const claim = { oldSize: 0, newSize: 7, newRoot: tree.root(7), proof: new Uint8Array(0) };
    expect(verifyConsistency({ ...claim, oldRoot: tree.root(0) })).toBe(true);
    expect(verifyConsistency({ ...claim, oldRoot: tree.root(3) })).toBe(false);
    expect(verifyConsistency({ ...claim, oldRoot: tree.root(0), proof: leaves[0] })).toBe(false);
  });

  it('is refused without a throw at sizes that no log has', () => {
    const sizes = [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 49 + 1, Number.MAX_SAFE_INTEGER, 2 ** 53];
    for (const size of sizes) {
      for (const count of [0, 1, 2, 49, 53, 108, 109]) {
        const proof = new Uint8Array(32 * count);
        const roots = { oldRoot: leaves[0], newRoot: leaves[1] };
        expect(verifyConsistency({ ...roots, oldSize: 5, newSize: size, proof })).toBe(false);
        expect(verifyConsistency({ ...roots, oldSize: size, newSize: size + 1, proof })).toBe(false);
        expect(verifyInclusion({ leaf: leaves[0], index: 3, size, root: leaves[1], proof })).toBe(false);
      }
    }
  });
});

describe('the signed root of a log', () => {
  const coordinator = createIdentity(seededResearchRandom(2));
  const log = createIdentityLog(leaves);
  const signed = signLogRoot('films', log, coordinator);

  it('does not survive a changed bit, and is nobody else’s', () => {
    fc.assert(
      fc.property(fc.nat(511), (bit) => {
        for (const part of ['root', 'signature'] as const) {
          expect(verifyLogRoot({ ...signed, [part]: flipped(signed[part], bit) }, coordinator.publicKey)).toBe(false);
        }
      }),
      { numRuns: 40 },
    );
    expect(verifyLogRoot(signed, createIdentity(seededResearchRandom(3)).publicKey)).toBe(false);
  });

  it('of any other shape is refused without a throw', () => {
    for (const size of [-1, 1.5, Number.NaN, 2 ** 53]) {
      expect(verifyLogRoot({ ...signed, size }, coordinator.publicKey)).toBe(false);
    }
    for (const part of ['root', 'signature'] as const) {
      for (const wrong of wrongLengths(signed[part])) {
        expect(verifyLogRoot({ ...signed, [part]: wrong }, coordinator.publicKey)).toBe(false);
      }
    }
    expect(verifyLogRoot(signed, new Uint8Array(5))).toBe(false);
  });

  it('of the empty log is signed too', () => {
    const empty = signLogRoot('films', createIdentityLog(), coordinator);
    expect(Buffer.from(empty.root).toString('hex')).toBe(createHash('sha256').digest('hex'));
    expect(verifyLogRoot(empty, coordinator.publicKey)).toBe(true);
  });
});

describe('an identity that was entered twice', () => {
  it('stands where it stood first, so that proofs at earlier sizes go on to exist', () => {
    const log = createIdentityLog(leaves.slice(0, 3));
    expect(log.append(leaves[1])).toBe(3);
    expect(log.indexOf(leaves[1])).toBe(1);
  });
});

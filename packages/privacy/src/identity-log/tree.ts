/** An append-only Merkle tree that proves what it holds and how it grew, at any size that it ever had (RFC 9162 section 2.1). */
import { createHashList, type HashList } from './hash-list.ts';
import { emptyRoot, isPowerOfTwo, leftSize, merkleNode } from './merkle-node.ts';

export interface MerkleTree {
  readonly size: number;
  /** Of the whole tree, or as it was at an earlier size. @throws RangeError for a size that it never had */
  root(size?: number): Uint8Array;
  /** Returns the leaf's index. @throws RangeError unless the leaf is a hash of 32 bytes */
  append(leaf: Uint8Array): number;
  /** Concatenated hashes. @throws RangeError unless index < size <= the tree's */
  inclusionProof(index: number, size: number): Uint8Array;
  /** Concatenated hashes; none between equal sizes and from the empty tree. @throws RangeError unless oldSize <= newSize <= the tree's */
  consistencyProof(oldSize: number, newSize: number): Uint8Array;
}

/**
 * Appending costs one hash on average. A root or a proof costs O(log n) hashes for the first at a size, none for the next: most
 * are asked for at one size, that of the round. Memory: 64 bytes a leaf, twice that right after growing.
 *
 * @param leaves hashes of 32 bytes
 */
export function createMerkleTree(leaves: Iterable<Uint8Array> = []): MerkleTree {
  /** levels[h].at(i): hash of the complete subtree over the 2^h leaves from i 2^h. */
  const levels: HashList[] = [createHashList()];
  /** By their first leaf: incomplete subtrees up to leaf `edgeEnd`. */
  const edge = new Map<number, Uint8Array>();
  let edgeEnd = 0;

  function append(leaf: Uint8Array): number {
    if (leaf.length !== 32) throw new RangeError(`A leaf is a hash of 32 bytes; got ${leaf.length}.`);
    const index = levels[0].length;
    let hash = leaf;
    for (let height = 0; ; height++) {
      if (height === levels.length) levels.push(createHashList());
      const level = levels[height];
      level.push(hash);
      if (level.length % 2 === 1) return index;
      hash = merkleNode(level.at(level.length - 2), hash);
    }
  }

  /** Hash over the leaves [from, to), where `from` is a multiple of a power of two that is not below to - from. */
  function rangeHash(from: number, to: number): Uint8Array {
    const size = to - from;
    if (isPowerOfTwo(size)) return levels[Math.log2(size)].at(from / size);
    if (to !== edgeEnd) {
      edge.clear();
      edgeEnd = to;
    }
    const known = edge.get(from);
    if (known) return known;
    const middle = from + leftSize(size);
    const hash = merkleNode(rangeHash(from, middle), rangeHash(middle, to));
    edge.set(from, hash);
    return hash;
  }

  /** PATH of section 2.1.3.1, from the root down. */
  function path(index: number, size: number): Uint8Array[] {
    const hashes: Uint8Array[] = [];
    let [from, to] = [0, size];
    while (to - from > 1) {
      const middle = from + leftSize(to - from);
      if (index < middle) {
        hashes.push(rangeHash(middle, to));
        to = middle;
      } else {
        hashes.push(rangeHash(from, middle));
        from = middle;
      }
    }
    return hashes;
  }

  /** PROOF of section 2.1.4.1, from the root down, 0 < oldSize < newSize. */
  function growth(oldSize: number, newSize: number): Uint8Array[] {
    const hashes: Uint8Array[] = [];
    let [from, to] = [0, newSize];
    while (oldSize !== to) {
      const middle = from + leftSize(to - from);
      if (oldSize <= middle) {
        hashes.push(rangeHash(middle, to));
        to = middle;
      } else {
        hashes.push(rangeHash(from, middle));
        from = middle;
      }
    }
    // Where the old tree is a subtree of the new one, whoever checks has its root.
    if (from > 0) hashes.push(rangeHash(from, to));
    return hashes;
  }

  function expectSize(size: number): void {
    if (!Number.isSafeInteger(size) || size < 0 || size > levels[0].length) {
      throw new RangeError(`The tree has ${levels[0].length} leaves; it was asked about ${size}.`);
    }
  }

  for (const leaf of leaves) append(leaf);
  return {
    get size() {
      return levels[0].length;
    },
    append,
    root(size = levels[0].length) {
      expectSize(size);
      return size === 0 ? emptyRoot() : rangeHash(0, size).slice();
    },
    inclusionProof(index, size) {
      expectSize(size);
      if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
        throw new RangeError(`A tree of ${size} leaves has no leaf ${index}.`);
      }
      return fromBelow(path(index, size));
    },
    consistencyProof(oldSize, newSize) {
      expectSize(newSize);
      if (!Number.isSafeInteger(oldSize) || oldSize < 0 || oldSize > newSize) {
        throw new RangeError(`A tree of ${newSize} leaves never grew from ${oldSize}.`);
      }
      return fromBelow(oldSize === 0 || oldSize === newSize ? [] : growth(oldSize, newSize));
    },
  };
}

/** Concatenated, the last first. */
function fromBelow(hashes: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(32 * hashes.length);
  hashes.forEach((hash, i) => {
    bytes.set(hash, 32 * (hashes.length - 1 - i));
  });
  return bytes;
}

/** The append-only log of a population's identities: a Merkle tree whose every earlier state can be proven to be part of it. */

import { frame, u64le, utf8 } from '../bytes/frame.ts';
import { bytesToHex } from '../bytes/hex.ts';
import { sha256 } from '../hash/index.ts';
import { type Identity, sign, verify } from '../identity/identity.ts';
import { merkleNode, merkleRoot } from './tree.ts';

/** @param identity Ed25519 public key, 32 bytes */
export function identityLeaf(population: string, identity: Uint8Array): Uint8Array {
  const content = frame('tributary/v1/identity', identity, utf8(population));
  const bytes = new Uint8Array(1 + content.length);
  bytes.set(content, 1);
  return sha256(bytes);
}

export interface IdentityLog {
  readonly size: number;
  /** Of the whole log, or as it was at an earlier size. @throws RangeError for a size that it never had */
  root(size?: number): Uint8Array;
  /** Returns the leaf's index. */
  append(leaf: Uint8Array): number;
  indexOf(leaf: Uint8Array): number | undefined;
  /** Concatenated hashes. @throws RangeError unless index < size <= the log's */
  inclusionProof(index: number, size: number): Uint8Array;
  /** Concatenated hashes. @throws RangeError unless oldSize <= newSize <= the log's */
  consistencyProof(oldSize: number, newSize: number): Uint8Array;
}

/** Appending costs O(1) hashes on average, a root or a proof O(log² n); memory is O(n). */
export function createIdentityLog(leaves: Iterable<Uint8Array> = []): IdentityLog {
  /** levels[h][i]: hash of the complete subtree over the 2^h leaves from i 2^h. */
  const levels: Uint8Array[][] = [[]];
  const indices = new Map<string, number>();

  function append(leaf: Uint8Array): number {
    const index = levels[0].length;
    indices.set(bytesToHex(leaf), index);
    let hash: Uint8Array = leaf.slice();
    for (let height = 0; ; height++) {
      const level = levels[height] ?? [];
      levels[height] = level;
      level.push(hash);
      if (level.length % 2 === 1) return index;
      hash = merkleNode(level[level.length - 2], hash);
    }
  }

  /** Hash over the leaves [from, to), from a multiple of the power of two that holds the range. */
  function rangeHash(from: number, to: number): Uint8Array {
    const height = Math.log2(to - from);
    if (Number.isInteger(height)) return levels[height][from / (to - from)];
    const middle = from + splitOf(to - from);
    return merkleNode(rangeHash(from, middle), rangeHash(middle, to));
  }

  /** RFC 9162 section 2.1.3.1, PATH. */
  function path(index: number, from: number, to: number): Uint8Array[] {
    if (to - from === 1) return [];
    const middle = from + splitOf(to - from);
    return index < middle
      ? [...path(index, from, middle), rangeHash(middle, to)]
      : [...path(index, middle, to), rangeHash(from, middle)];
  }

  /** RFC 9162 section 2.1.4.1, SUBPROOF. */
  function subproof(oldSize: number, from: number, to: number, whole: boolean): Uint8Array[] {
    if (oldSize === to) return whole ? [] : [rangeHash(from, to)];
    const middle = from + splitOf(to - from);
    return oldSize <= middle
      ? [...subproof(oldSize, from, middle, whole), rangeHash(middle, to)]
      : [...subproof(oldSize, middle, to, false), rangeHash(from, middle)];
  }

  function expectSize(size: number): void {
    if (!Number.isSafeInteger(size) || size < 0 || size > levels[0].length) {
      throw new RangeError(`The log has ${levels[0].length} identities; it was asked about ${size}.`);
    }
  }

  for (const leaf of leaves) append(leaf);
  return {
    get size() {
      return levels[0].length;
    },
    root(size = levels[0].length) {
      expectSize(size);
      return size === 0 ? merkleRoot([]) : rangeHash(0, size).slice();
    },
    append,
    indexOf: (leaf) => indices.get(bytesToHex(leaf)),
    inclusionProof(index, size) {
      expectSize(size);
      if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
        throw new RangeError(`There is no identity ${index} in a log of ${size}.`);
      }
      return joined(path(index, 0, size));
    },
    consistencyProof(oldSize, newSize) {
      expectSize(newSize);
      if (!Number.isSafeInteger(oldSize) || oldSize < 0 || oldSize > newSize) {
        throw new RangeError(`A log of ${newSize} never grew from ${oldSize}.`);
      }
      return joined(oldSize === 0 || oldSize === newSize ? [] : subproof(oldSize, 0, newSize, true));
    },
  };
}

/** The largest power of two below n, n > 1. */
function splitOf(n: number): number {
  return 2 ** (Math.ceil(Math.log2(n)) - 1);
}

function joined(hashes: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(32 * hashes.length);
  hashes.forEach((hash, i) => {
    bytes.set(hash, 32 * i);
  });
  return bytes;
}

/** A log's size and root under the coordinator's signature. */
export interface SignedLogRoot {
  readonly population: string;
  readonly size: number;
  readonly root: Uint8Array;
  readonly signature: Uint8Array;
}

function rootFrame({ population, size, root }: Omit<SignedLogRoot, 'signature'>): Uint8Array {
  return frame('tributary/v1/identity-log', utf8(population), u64le(size), root);
}

export function signLogRoot(population: string, log: IdentityLog, coordinator: Identity): SignedLogRoot {
  const unsigned = { population, size: log.size, root: log.root() };
  return { ...unsigned, signature: sign(rootFrame(unsigned), coordinator.secretKey) };
}

export function verifyLogRoot(signed: SignedLogRoot, coordinatorKey: Uint8Array): boolean {
  return verify(signed.signature, rootFrame(signed), coordinatorKey);
}

/** Nodes of a Merkle tree of the shape of RFC 9162 section 2.1.1: an odd node is carried up unchanged. */
import { sha256 } from '../hash/index.ts';

const nodePrefix = 1;

/** SHA-256(0x01 | left | right), of 32 bytes each. */
export function merkleNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(65);
  bytes[0] = nodePrefix;
  bytes.set(left, 1);
  bytes.set(right, 33);
  return sha256(bytes);
}

/** Of a tree without leaves: SHA-256 of nothing. */
export function emptyRoot(): Uint8Array {
  return sha256(new Uint8Array(0));
}

/** Root over leaf hashes, where no proof is asked for. */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return emptyRoot();
  let level = leaves;
  while (level.length > 1) {
    const next: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2)
      next.push(i + 1 < level.length ? merkleNode(level[i], level[i + 1]) : level[i]);
    level = next;
  }
  return level[0].slice();
}

/** Sizes pass 32 bits, and logarithms round: neither shifts nor Math.log2. */
export function isPowerOfTwo(size: number): boolean {
  return size > 0 && size === largestPower(size);
}

/** The largest power of two that is not above the size, size > 0. */
function largestPower(size: number): number {
  let power = 1;
  while (2 * power <= size) power *= 2;
  return power;
}

/** Leaves of the left subtree: the largest power of two below the size, size > 1. */
export function leftSize(size: number): number {
  return largestPower(size - 1);
}

/** Checking proofs of a Merkle log, by the algorithms of RFC 9162 sections 2.1.3.2 and 2.1.4.2. Never throws. */
import { equalBytes } from '../bytes/compare.ts';
import { emptyRoot, isPowerOfTwo, merkleNode } from './merkle-node.ts';

/** Whether the leaf stands at `index` of the tree of `size` leaves with this root. @param proof concatenated 32-byte hashes */
export function verifyInclusion(claim: {
  readonly leaf: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly proof: Uint8Array;
}): boolean {
  const { leaf, index, size, root, proof } = claim;
  const path = hashesOf(proof);
  if (!path || !Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  // A leaf of another length would reach into its sibling's place.
  if (leaf.length !== 32) return false;
  let hash = leaf;
  let [node, last] = [index, size - 1];
  for (const sibling of path) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = merkleNode(sibling, hash);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      hash = merkleNode(hash, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && equalBytes(hash, root);
}

/** Whether the log with the new root only grew from the one with the old root. */
export function verifyConsistency(claim: {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly newSize: number;
  readonly newRoot: Uint8Array;
  readonly proof: Uint8Array;
}): boolean {
  const { oldSize, oldRoot, newSize, newRoot, proof } = claim;
  const path = hashesOf(proof);
  if (!path || !Number.isSafeInteger(oldSize) || !Number.isSafeInteger(newSize)) return false;
  if (oldSize < 0 || oldSize > newSize || oldRoot.length !== 32 || newRoot.length !== 32) return false;
  if (oldSize === newSize) return path.length === 0 && equalBytes(oldRoot, newRoot);
  // Everything grows from the empty log.
  if (oldSize === 0) return path.length === 0 && equalBytes(oldRoot, emptyRoot());
  // The old tree is a subtree of the new one where its size is a power of two.
  const nodes = isPowerOfTwo(oldSize) ? [oldRoot, ...path] : path;
  if (nodes.length === 0) return false;
  let [node, last] = [oldSize - 1, newSize - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  let [old, current] = [nodes[0], nodes[0]];
  for (const sibling of nodes.slice(1)) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      old = merkleNode(sibling, old);
      current = merkleNode(sibling, current);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      current = merkleNode(current, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && equalBytes(old, oldRoot) && equalBytes(current, newRoot);
}

/** Sizes pass 32 bits: no shifts. */
const half = (value: number) => Math.floor(value / 2);

function hashesOf(proof: Uint8Array): Uint8Array[] | null {
  // 53 levels hold every safe integer.
  if (proof.length % 32 !== 0 || proof.length > 32 * 108) return null;
  return Array.from({ length: proof.length / 32 }, (_, i) => proof.subarray(32 * i, 32 * i + 32));
}

/** Merkle trees of the shape of RFC 9162: an odd node is carried up unchanged. */
import { sha256 } from '../hash/index.ts';

const nodePrefix = Uint8Array.of(1);

export function merkleNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(65);
  bytes.set(nodePrefix, 0);
  bytes.set(left, 1);
  bytes.set(right, 33);
  return sha256(bytes);
}

/** Root over leaf hashes; of none, SHA-256 of nothing. */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array(0));
  let level = leaves;
  while (level.length > 1) {
    const next: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2)
      next.push(i + 1 < level.length ? merkleNode(level[i], level[i + 1]) : level[i]);
    level = next;
  }
  return level[0];
}

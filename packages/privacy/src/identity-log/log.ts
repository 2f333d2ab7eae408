/** The append-only log of a population's identities: a Merkle tree whose every earlier state can be proven to be part of it. */
import { frame, utf8 } from '../bytes/frame.ts';
import { sha256 } from '../hash/index.ts';
import { createMerkleTree, type MerkleTree } from './tree.ts';

/** SHA-256(0x00 | frame("tributary/v1/identity", identity, population)). @param identity Ed25519 public key, 32 bytes */
export function identityLeaf(population: string, identity: Uint8Array): Uint8Array {
  const content = frame('tributary/v1/identity', identity, utf8(population));
  const bytes = new Uint8Array(1 + content.length);
  bytes.set(content, 1);
  return sha256(bytes);
}

export interface IdentityLog extends MerkleTree {
  /** Where the leaf stands, the first time. */
  indexOf(leaf: Uint8Array): number | undefined;
}

/** Costs as a Merkle tree does, and an index by leaf. @throws RangeError unless every leaf has 32 bytes */
export function createIdentityLog(leaves: Iterable<Uint8Array> = []): IdentityLog {
  const tree = createMerkleTree();
  const indices = new Map<string, number>();

  function append(leaf: Uint8Array): number {
    const index = tree.append(leaf);
    const key = textOf(leaf);
    if (!indices.has(key)) indices.set(key, index);
    return index;
  }

  for (const leaf of leaves) append(leaf);
  return {
    get size() {
      return tree.size;
    },
    append,
    indexOf: (leaf) => indices.get(textOf(leaf)),
    root: tree.root,
    inclusionProof: tree.inclusionProof,
    consistencyProof: tree.consistencyProof,
  };
}

/** One character a byte: half of what hexadecimal takes. */
function textOf(leaf: Uint8Array): string {
  return String.fromCharCode(...leaf);
}

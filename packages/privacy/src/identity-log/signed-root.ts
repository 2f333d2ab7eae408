/** A log's size and root under the coordinator's signature: what devices and mirrors compare and keep. */
import { frame, u64le, utf8 } from '../bytes/frame.ts';
import { type Identity, sign, verify } from '../identity/identity.ts';
import type { MerkleTree } from './tree.ts';

export interface SignedLogRoot {
  readonly population: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** Ed25519, 64 bytes, over frame("tributary/v1/identity-log", population, u64le size, root). */
  readonly signature: Uint8Array;
}

function rootFrame({ population, size, root }: Omit<SignedLogRoot, 'signature'>): Uint8Array {
  return frame('tributary/v1/identity-log', utf8(population), u64le(size), root);
}

export function signLogRoot(
  population: string,
  log: Pick<MerkleTree, 'size' | 'root'>,
  coordinator: Identity,
): SignedLogRoot {
  const unsigned = { population, size: log.size, root: log.root() };
  return { ...unsigned, signature: sign(rootFrame(unsigned), coordinator.secretKey) };
}

/** Never throws. */
export function verifyLogRoot(signed: SignedLogRoot, coordinatorKey: Uint8Array): boolean {
  if (!Number.isSafeInteger(signed.size) || signed.size < 0 || signed.root.length !== 32) return false;
  return verify(signed.signature, rootFrame(signed), coordinatorKey);
}

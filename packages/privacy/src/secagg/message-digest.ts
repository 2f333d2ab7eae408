/** Whether a message is the one that came before: a repetition must be identical, byte for byte. */
import { frame, u64le } from '../bytes/frame.ts';
import { sha256 } from '../hash/index.ts';
import type { IdentityProof } from './messages.ts';

type Field = Uint8Array | readonly IdentityProof[];

/** SHA-256 over the fields in the order of their names. */
export function messageDigest(name: string, message: object): Uint8Array {
  const fields = Object.entries(message as Record<string, Field>).sort(([a], [b]) => (a < b ? -1 : 1));
  return sha256(frame(name, ...fields.map(([, field]) => (field instanceof Uint8Array ? field : proofsFrame(field)))));
}

function proofsFrame(proofs: readonly IdentityProof[]): Uint8Array {
  return frame('proofs', ...proofs.flatMap(({ index, path }) => [u64le(index), path]));
}

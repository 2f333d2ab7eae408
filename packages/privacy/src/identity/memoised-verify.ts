/** Verification whose answers are remembered: where one process plays many devices, each signature is checked by many of them. */
import { sha256 } from '../hash/index.ts';
import { verify } from './identity.ts';

export type Verify = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean;

/** Gives what `verify` gives. @param most answers kept; the oldest go first */
export function memoisedVerify(most = 65_536): Verify {
  const known = new Map<string, boolean>();
  return (signature, message, publicKey) => {
    if (signature.length !== 64 || publicKey.length !== 32) return false;
    const key = String.fromCharCode(...signature, ...publicKey, ...sha256(message));
    const before = known.get(key);
    if (before !== undefined) return before;
    const valid = verify(signature, message, publicKey);
    if (known.size >= most) for (const oldest of known.keys()) if (known.delete(oldest)) break;
    known.set(key, valid);
    return valid;
  };
}

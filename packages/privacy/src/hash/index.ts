/** SHA-256: whole, and incremental for what arrives in chunks. */
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';

export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes);
}

export interface Hasher {
  update(bytes: Uint8Array): Hasher;
  digest(): Uint8Array;
}

export function createHasher(): Hasher {
  const state = nobleSha256.create();
  const hasher: Hasher = {
    update(bytes) {
      state.update(bytes);
      return hasher;
    },
    digest: () => state.digest(),
  };
  return hasher;
}

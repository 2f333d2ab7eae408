/**
 * SHA-256: whole, and incremental for what arrives in chunks. In Node the platform's own implementation is used (found without
 * an import, so that pages never see one), elsewhere the portable one; a test keeps the two equal.
 */
import { sha256 as portableSha256 } from '@noble/hashes/sha2.js';

export interface Hasher {
  update(bytes: Uint8Array): Hasher;
  /** 32 bytes; ends the hasher. */
  digest(): Uint8Array;
}

interface NativeHash {
  update(bytes: Uint8Array): NativeHash;
  digest(): Uint8Array;
}
interface NodeProcess {
  getBuiltinModule?(name: 'node:crypto'): { createHash(algorithm: 'sha256'): NativeHash } | undefined;
}

const native = (globalThis as { process?: NodeProcess }).process?.getBuiltinModule?.('node:crypto');

export const createHasher: () => Hasher = native ? nativeHasher : portableHasher;

export function sha256(bytes: Uint8Array): Uint8Array {
  return createHasher().update(bytes).digest();
}

/** The implementation for runtimes without Node's. */
export function portableHasher(): Hasher {
  return hasherOver(portableSha256.create());
}

function nativeHasher(): Hasher {
  // createHasher is this function only where there is a native module.
  return hasherOver((native as NonNullable<typeof native>).createHash('sha256'));
}

function hasherOver(state: { update(bytes: Uint8Array): unknown; digest(): Uint8Array }): Hasher {
  const hasher: Hasher = {
    update(bytes) {
      state.update(bytes);
      return hasher;
    },
    // A plain Uint8Array on every platform.
    digest: () => Uint8Array.from(state.digest()),
  };
  return hasher;
}

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * One SHA-256, hex, for the files of an encoder from their names and SHA-256s: that of the lines "<hash>  <name>\n" in the order of
 * the names, as `sha256sum` prints them.
 */
export function hashFiles(files: readonly (readonly [name: string, hash: string])[]): string {
  const lines = [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, hash]) => `${hash}  ${name}\n`);
  return bytesToHex(sha256(utf8ToBytes(lines.join(''))));
}

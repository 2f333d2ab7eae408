/** Blobs in a key-value store: in parts that are short enough for a row, and counted once all of them are there. */
import { bytesToHex, sha256 } from '@tributary/privacy';
import { fromBase64, toBase64 } from './base64.ts';
import type { KeyValueStore } from './key-value.ts';
import type { Places } from './places.ts';

/** Bytes of a part: 1 MiB as base64. */
const partBytes = 786_432;

export async function writeBlobParts(
  keyValue: KeyValueStore,
  places: Places,
  hash: string,
  bytes: Uint8Array,
): Promise<void> {
  const parts = Math.ceil(bytes.length / partBytes);
  for (let part = 0; part < parts; part++) {
    const some = bytes.subarray(part * partBytes, (part + 1) * partBytes);
    await keyValue.setItem(places.blobPart(hash, part), toBase64(some));
  }
  // Last: a blob of which a crash has left a part is none.
  await keyValue.setItem(places.blob(hash), String(parts));
}

/** Null where there is no such blob; 'damaged' where a part is missing or the bytes are others. */
export async function readBlobParts(
  keyValue: KeyValueStore,
  places: Places,
  hash: string,
): Promise<Uint8Array | 'damaged' | null> {
  const parts = await keyValue.getItem(places.blob(hash));
  if (parts === null) return null;
  const texts: string[] = [];
  for (let part = 0; part < Number(parts); part++) {
    const text = await keyValue.getItem(places.blobPart(hash, part));
    if (text === null) return 'damaged';
    texts.push(text);
  }
  const bytes = decoded(texts);
  return bytes !== null && bytesToHex(sha256(bytes)) === hash ? bytes : 'damaged';
}

/** Null where a text is not base64. */
function decoded(texts: readonly string[]): Uint8Array | null {
  let parts: Uint8Array[];
  try {
    parts = texts.map(fromBase64);
  } catch {
    return null;
  }
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

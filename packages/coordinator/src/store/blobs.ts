/** Byte and float views at the store's edge. */
import { endianness } from 'node:os';

export const storeChunkBytes = 1_048_576;

/** Drivers give BLOBs as ArrayBuffer, Buffer or Uint8Array. */
export function toBytes(value: Uint8Array | ArrayBuffer): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array(value);
}

/** Views of at most one store chunk each. */
export function chunksOf(bytes: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += storeChunkBytes) chunks.push(bytes.subarray(at, at + storeChunkBytes));
  return chunks;
}

/** Little-endian bytes of a float32 vector: a view where the machine is little-endian. */
export function bytesOfFloats(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return endianness() === 'LE' ? bytes : swapped(bytes);
}

/** The float32 vector of little-endian bytes that come in parts. */
export function floatsOfBytes(parts: readonly Uint8Array[]): Float32Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(length - (length % 4));
  let at = 0;
  for (const part of parts) {
    bytes.set(part.subarray(0, bytes.length - at), at);
    at += part.length;
  }
  return new Float32Array((endianness() === 'LE' ? bytes : swapped(bytes)).buffer);
}

function swapped(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(Buffer.from(bytes).swap32());
}

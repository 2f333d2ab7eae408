/**
 * Encodings in one file for each width: records of a key (32 bytes), a vector (float32, little-endian) and the first 8 bytes of the
 * SHA-256 of both. Appended to as texts are encoded; a record that was cut off or changed is not believed and computed again.
 */
import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EncodingsCache } from '../../encodings/encode-once.ts';

const keyBytes = 32;
const checkBytes = 8;

/** @param folder made when the first vector is kept */
export function fileEncodings(folder: string): EncodingsCache {
  const byWidth = new Map<number, Promise<Map<string, Float32Array>>>();
  const known = (width: number) => {
    const found = byWidth.get(width) ?? readRecords(fileOf(folder, width), width);
    byWidth.set(width, found);
    return found;
  };
  return {
    get: async (key, width) => (await known(width)).get(key) ?? null,
    set: async (key, vector) => {
      (await known(vector.length)).set(key, vector);
      await mkdir(folder, { recursive: true });
      await appendFile(fileOf(folder, vector.length), recordOf(key, vector));
    },
  };
}

function fileOf(folder: string, width: number): string {
  return join(folder, `encodings-${width}.bin`);
}

function recordOf(key: string, vector: Float32Array): Buffer {
  const record = Buffer.alloc(keyBytes + 4 * vector.length + checkBytes);
  record.write(key, 0, 'hex');
  for (const [at, value] of vector.entries()) record.writeFloatLE(value, keyBytes + 4 * at);
  record.set(checkOf(record), record.length - checkBytes);
  return record;
}

function checkOf(record: Buffer): Buffer {
  return createHash('sha256').update(record.subarray(0, -checkBytes)).digest().subarray(0, checkBytes);
}

async function readRecords(file: string, width: number): Promise<Map<string, Float32Array>> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  const size = keyBytes + 4 * width + checkBytes;
  const records = new Map<string, Float32Array>();
  for (let at = 0; at + size <= bytes.length; ) {
    const record = bytes.subarray(at, at + size);
    if (!checkOf(record).equals(record.subarray(-checkBytes))) {
      // A process that was stopped in mid-record leaves a piece of one: the next begins anywhere after it.
      at += 1;
      continue;
    }
    const vector = Float32Array.from({ length: width }, (_, i) => record.readFloatLE(keyBytes + 4 * i));
    records.set(record.toString('hex', 0, keyBytes), vector);
    at += size;
  }
  return records;
}

/** Files of a model's folder. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ByteSource } from '../../safetensors/index.ts';
import { EncoderError } from '../error.ts';

/** The largest vocabularies' tokenizer.json stay below this. */
const largestText = 67_108_864;

/** Undefined where there is no such file. @throws EncoderError 'malformed' where it is too large to be what it should be */
export async function readTextFile(folder: string, name: string): Promise<string | undefined> {
  const size = await fileSize(join(folder, name));
  if (size === undefined) return undefined;
  if (size > largestText) {
    throw new EncoderError({
      code: 'malformed',
      problem: `${name} has ${size} bytes`,
      expected: `at most ${largestText}`,
      remedy: 'Download the model again, or choose another one.',
    });
  }
  return readFile(join(folder, name), 'utf8');
}

/** Bytes of a file, which is opened for each read: nothing has to be closed. Undefined where there is no such file. */
export async function fileSource(path: string): Promise<ByteSource | undefined> {
  const size = await fileSize(path);
  if (size === undefined) return undefined;
  return {
    size,
    read: async (from, to) => {
      const file = await open(path, 'r');
      try {
        const bytes = new Uint8Array(to - from);
        let filled = 0;
        while (filled < bytes.length) {
          const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, from + filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        return bytes.subarray(0, filled);
      } finally {
        await file.close();
      }
    },
  };
}

/** SHA-256 of a file, hex, read as a stream. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path)) hash.update(part as Buffer);
  return hash.digest('hex');
}

async function fileSize(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

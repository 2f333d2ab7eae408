/** A file's bytes from a server to a place on disk, counted and hashed on the way. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { CommandError } from '../../exit/command-error.ts';
import { plainText } from '../../output/table.ts';
import { sizeOf } from './file-on-server.ts';
import { idleLimit } from './idle-limit.ts';
import { connectionFailure, request } from './request.ts';

export interface FetchOptions {
  /** Bytes that are taken at most, with those of files `before`, 0 where left out. */
  readonly most: number;
  readonly before?: number;
  /** Bytes that are expected; null where nobody has said. */
  readonly size: number | null;
  readonly signal: AbortSignal;
  /** Milliseconds that a server may be silent; a minute where left out. */
  readonly idle?: number | undefined;
  readonly onBytes?: (count: number) => void;
}

export interface FetchedFile {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** @throws CommandError `network` for a failed or cut-off answer, `input` for one that is too large; the signal's reason */
export async function fetchFile(url: string, path: string, options: FetchOptions): Promise<FetchedFile> {
  const file = await open(path, 'wx');
  try {
    const hash = createHash('sha256');
    const bytes = await readBody(url, options, async (part) => {
      hash.update(part);
      await file.writeFile(part);
    });
    return { bytes, sha256: hash.digest('hex') };
  } finally {
    await file.close();
  }
}

/** SHA-1 of a file as git's blob, in hex: its length stands before its bytes, and not every server says it beforehand. */
export async function gitBlobHash(path: string, bytes: number): Promise<string> {
  const hash = createHash('sha1').update(`blob ${bytes}\0`);
  for await (const part of createReadStream(path)) hash.update(part);
  return hash.digest('hex');
}

/** A small file as text. @returns null where there is none @throws as `fetchFile` */
export async function fetchText(url: string, options: FetchOptions): Promise<string | null> {
  const parts: Uint8Array[] = [];
  try {
    await readBody(url, options, async (part) => void parts.push(part));
  } catch (error) {
    if (error instanceof CommandError && error.cause === absent) return null;
    throw error;
  }
  return Buffer.concat(parts).toString('utf8');
}

const absent = Symbol('404');

async function readBody(
  url: string,
  { most, before = 0, size, signal, idle, onBytes }: FetchOptions,
  take: (part: Uint8Array) => Promise<void>,
): Promise<number> {
  const limit = idleLimit(signal, idle);
  const answer = await request(url, 'GET', limit);
  if (!answer) throw notThere(url, absent);
  const expected = size ?? sizeOf(answer);
  let bytes = 0;
  const reader = answer.response.body?.getReader();
  try {
    while (reader) {
      const { done, value } = await limit
        .during(() => reader.read())
        .catch((cause: unknown) => {
          limit.signal.throwIfAborted();
          throw connectionFailure(url, cause);
        });
      if (done) break;
      bytes += value.length;
      if (expected !== null && bytes > expected) throw connectionFailure(url, `more than its ${expected} bytes came`);
      if (before + bytes > most) throw tooLarge(`${plainText(url, 300)}, with what came before it,`, most);
      await take(value);
      onBytes?.(value.length);
    }
  } finally {
    await reader?.cancel().catch(() => undefined);
  }
  if (expected !== null && bytes !== expected) {
    throw connectionFailure(url, `${bytes} bytes came of ${expected}`);
  }
  return bytes;
}

export function notThere(url: string, cause?: unknown): CommandError {
  return new CommandError('network', `There is no ${plainText(url, 300)} (status 404).`, {
    advice:
      'Check the id or address and the revision; expected a folder with config.json, tokenizer.json, model.safetensors.',
    cause,
  });
}

export function tooLarge(what: string, most: number): CommandError {
  return new CommandError('input', `${what} is larger than ${most / 1e6} MB.`, {
    advice: 'Allow more by --most-megabytes, or choose a smaller model.',
  });
}

/** Text files as batches of lines, unpacked and decoded on the way; memory is one batch. */
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DataError } from './error.ts';

export type TextEncoding = 'utf-8' | 'iso-8859-1';

/** The file, or its gzipped form where only that is there. */
export function plainOrGzipped(folder: string, name: string): string {
  const file = join(folder, name);
  return existsSync(file) || !existsSync(`${file}.gz`) ? file : `${file}.gz`;
}

/** The file's bytes, unpacked when its name ends in `.gz`. Errors of either stream end the reader. */
export function openBytes(file: string): Readable {
  const raw = createReadStream(file, { highWaterMark: 1 << 18 });
  if (!file.endsWith('.gz')) return raw;
  const unpacked = createGunzip({ chunkSize: 1 << 18 });
  raw.on('error', (error) => unpacked.destroy(error));
  unpacked.on('close', () => raw.destroy());
  return raw.pipe(unpacked);
}

/** What the operating system or zlib reported, as a DataError; anything else as it came. */
export function readError(file: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const cause = { cause: error };
  if (code === 'ENOENT') {
    const remedy = 'Check the path, or download the data set anew';
    return new DataError({ file, problem: 'there is no such file', expected: 'a readable file', remedy }, cause);
  }
  if (code === 'EISDIR' || code === 'EACCES' || code === 'EPERM') {
    const problem = code === 'EISDIR' ? 'this is a folder' : 'this file may not be read';
    return new DataError(
      { file, problem, expected: 'a readable file', remedy: 'Check the path and its rights' },
      cause,
    );
  }
  if (code === 'Z_BUF_ERROR' || code === 'Z_DATA_ERROR') {
    const problem = code === 'Z_BUF_ERROR' ? 'the gzip stream ends too early' : 'the gzip stream is damaged';
    const remedy = 'Download or copy the file again; nothing of it was used';
    return new DataError({ file, problem, expected: 'a complete gzip file', remedy }, cause);
  }
  return error;
}

/**
 * Lines without their ends (LF or CRLF), in batches. A byte order mark is dropped; an empty last line is none.
 *
 * @throws DataError when the file is missing, may not be read, or is a damaged or truncated gzip
 */
export async function* lineBatches(file: string, encoding: TextEncoding = 'utf-8'): AsyncGenerator<readonly string[]> {
  // ISO-8859-1 by name means windows-1252 to a TextDecoder, which differs at 0x80 to 0x9F only, where data have no text.
  const decoder = new TextDecoder(encoding);
  let rest = '';
  try {
    for await (const chunk of openBytes(file)) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      yield lines.map(withoutReturn);
    }
  } catch (error) {
    throw readError(file, error);
  }
  rest += decoder.decode();
  if (rest !== '') yield [withoutReturn(rest)];
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** Calls `visit` with every line and its 1-based number. */
export async function forEachLine(
  file: string,
  encoding: TextEncoding,
  visit: (line: string, number: number) => void,
): Promise<void> {
  let number = 0;
  for await (const lines of lineBatches(file, encoding)) {
    for (const line of lines) visit(line, ++number);
  }
}

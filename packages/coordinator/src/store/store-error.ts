/** What can be wrong with a store, as an operator can act on it. */

export type StoreErrorCode =
  | 'missing'
  | 'locked'
  | 'newer'
  | 'damaged'
  | 'full'
  | 'not-writable'
  | 'conflict'
  | 'failed';

export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const meanings: Readonly<Record<string, readonly [StoreErrorCode, string]>> = {
  SQLITE_BUSY: ['locked', 'is in use by another process. Stop that process, or ask the running coordinator over HTTP.'],
  SQLITE_LOCKED: [
    'locked',
    'is in use by another process. Stop that process, or ask the running coordinator over HTTP.',
  ],
  SQLITE_FULL: [
    'full',
    'cannot grow: the disk is full. Nothing of the last write was kept; free space and start again.',
  ],
  SQLITE_CORRUPT: ['damaged', 'is damaged. Restore it from a backup; the file was not changed.'],
  SQLITE_NOTADB: [
    'damaged',
    'is not a store, or is damaged at its beginning. Restore it from a backup; the file was not changed.',
  ],
  SQLITE_READONLY: ['not-writable', 'cannot be written. Give this user write permission on the folder and its files.'],
  SQLITE_CANTOPEN: [
    'not-writable',
    'cannot be opened. Check that the folder exists and that this user may write to it.',
  ],
};

/** A database error as a StoreError; other errors as they are. */
export function storeErrorOf(error: unknown, file: string): unknown {
  if (error instanceof StoreError) return error;
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) return error;
  // Extended codes, e.g. SQLITE_CORRUPT_VTAB, begin with the plain one.
  const known = Object.entries(meanings).find(([name]) => code === name || code.startsWith(`${name}_`));
  if (known) return new StoreError(known[1][0], `The store ${file} ${known[1][1]}`, { cause: error });
  return new StoreError('failed', `The store ${file} failed (${code}).`, { cause: error });
}

/** The embedded store: one SQLite file in a folder, held by one process, durable at every commit. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Kysely, SqliteDialect } from 'kysely';
import SqliteDatabase from 'libsql';
import { ensureSchema, type Tables } from './schema.ts';
import { createSqlStore } from './sql-store.ts';
import type { Store } from './store.ts';
import { StoreError, storeErrorOf } from './store-error.ts';

const fileName = 'store.sqlite';

type Connection = InstanceType<typeof SqliteDatabase>;

export interface OpenStoreOptions {
  /** Whether to make the folder and an empty store where there is none; default true. */
  readonly create?: boolean;
  /** Bound of the file in pages of 4096 bytes, for tests of a full disk. */
  readonly maximumPages?: number;
}

/**
 * Opens the store of a folder, exclusively.
 * @throws StoreError 'missing', 'locked', 'newer', 'damaged', 'full', 'not-writable'
 */
export async function openStore(folder: string, options: OpenStoreOptions = {}): Promise<Store> {
  const file = join(folder, fileName);
  if (options.create === false && !existsSync(file)) {
    throw new StoreError(
      'missing',
      `There is no store in ${folder}. Give the folder of a coordinator's store, or make one by \`tributary serve --store ${folder}\`.`,
    );
  }
  let connection: Connection | null = null;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    connection = new SqliteDatabase(file);
    connection.pragma('busy_timeout = 0');
    connection.pragma('locking_mode = EXCLUSIVE');
    connection.pragma('synchronous = FULL');
    // Takes the exclusive lock now, not at the first write.
    connection.exec('BEGIN EXCLUSIVE; COMMIT;');
    checkIntegrity(connection, file);
    const database = new Kysely<Tables>({ dialect: new SqliteDialect({ database: driverOf(connection) as never }) });
    await ensureSchema(database, file);
    // Last of all: it writes, and a store of a newer version is not to be changed.
    connection.pragma('journal_mode = WAL');
    if (options.maximumPages) connection.pragma(`max_page_count = ${options.maximumPages}`);
    return createSqlStore(database, file);
  } catch (error) {
    if (connection) closeConnection(connection);
    throw nodeErrorOf(storeErrorOf(error, file), folder);
  }
}

/** A connection as kysely takes it, with two ways of this engine set right. */
function driverOf(connection: Connection) {
  return {
    prepare(sql: string) {
      // The engine itself rolls back on a full disk; a second rollback would fail and hide why.
      const rolledBack = sql.toLowerCase() === 'rollback' && !connection.inTransaction;
      return connection.prepare(rolledBack ? 'SELECT 1' : sql);
    },
    close: () => closeConnection(connection),
  };
}

/**
 * Closes and gives the lock back. Statements that are not yet collected keep a closed connection's lock, so that it is given
 * up first, which SQLite allows only outside of WAL.
 */
function closeConnection(connection: Connection): void {
  try {
    connection.pragma('journal_mode = DELETE');
    connection.pragma('locking_mode = NORMAL');
    connection.prepare('SELECT count(*) FROM sqlite_master').all();
  } catch {
    // A damaged, full or foreign store: its write-ahead log stays for the next start.
  }
  connection.close();
}

function checkIntegrity(connection: Connection, file: string): void {
  const rows = connection.prepare('PRAGMA quick_check(1)').all() as readonly Record<string, unknown>[];
  if (Object.values(rows[0] ?? {})[0] !== 'ok') {
    throw new StoreError(
      'damaged',
      `The store ${file} is damaged. Restore it from a backup; the file was not changed.`,
    );
  }
}

function nodeErrorOf(error: unknown, folder: string): unknown {
  const code = (error as { code?: unknown }).code;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR' || code === 'EEXIST') {
    return new StoreError(
      'not-writable',
      `The folder ${folder} cannot be used (${code}). Give a folder that this user may write to.`,
      { cause: error },
    );
  }
  if (code === 'ENOSPC')
    return new StoreError('full', `The disk of ${folder} is full. Free space and start again.`, { cause: error });
  return error;
}

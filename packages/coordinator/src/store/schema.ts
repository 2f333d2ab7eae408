/** Tables, in the common subset of SQLite and PostgreSQL. */
import type { Kysely } from 'kysely';
import { StoreError } from './store-error.ts';

/** Raised by every change of the tables. */
export const schemaVersion = 3;

export interface Tables {
  meta: { key: string; value: string };
  task: {
    id: string;
    population: string;
    document: string;
    catalogue_hash: string;
    status: string;
    reason: string;
    last_round: number;
    closed_rounds: number;
    current_version: string;
    created_at: number;
  };
  catalogue: { hash: string; bytes: Uint8Array };
  model_version: {
    hash: string;
    task: string;
    position: number;
    manifest: string;
    parameters_hash: string;
    origin: string;
    created_at: number;
  };
  parameter_chunk: { parameters_hash: string; chunk: number; bytes: Uint8Array };
  optimizer_chunk: { task: string; moment: string; chunk: number; bytes: Uint8Array };
  round: {
    task: string;
    round: number;
    outcome: string;
    reason: string;
    invited: number;
    contributions: number;
    opened_at: number;
    ended_at: number | null;
    version: string | null;
    metrics: string | null;
    bytes_received: number;
    engine: string | null;
  };
  ledger_entry: { population: string; seq: number; hash: string; entry: string };
  identity: { population: string; position: number; identity: string };
}

export type Database = Kysely<Tables>;

/** Makes the tables of an empty database, brings those of an older version up to date. @throws StoreError 'newer' */
export async function ensureSchema(database: Database, location: string): Promise<void> {
  await database.schema
    .createTable('meta')
    .ifNotExists()
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute();
  const found = await database
    .selectFrom('meta')
    .select('value')
    .where('key', '=', 'schema-version')
    .executeTakeFirst();
  if (found) {
    if (Number(found.value) > schemaVersion) {
      throw new StoreError(
        'newer',
        `The store ${location} was written by a newer version (schema ${found.value}; this one reads up to ${schemaVersion}). Update Tributary; the store was not changed.`,
      );
    }
    if (Number(found.value) < schemaVersion) {
      await database.transaction().execute(async (transaction) => {
        // Version 2 added the identity logs, version 3 the engine of a round.
        if (Number(found.value) < 2) await createIdentityTable(transaction);
        await transaction.schema.alterTable('round').addColumn('engine', 'text').execute();
        await transaction
          .updateTable('meta')
          .set({ value: String(schemaVersion) })
          .where('key', '=', 'schema-version')
          .execute();
      });
    }
    return;
  }
  await database.transaction().execute(async (transaction) => {
    await createTables(transaction);
    await transaction
      .insertInto('meta')
      .values({ key: 'schema-version', value: String(schemaVersion) })
      .execute();
  });
}

async function createTables(database: Database): Promise<void> {
  const blob = 'blob';
  const { schema } = database;
  await schema
    .createTable('task')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('population', 'text', (c) => c.notNull())
    .addColumn('document', 'text', (c) => c.notNull())
    .addColumn('catalogue_hash', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('last_round', 'integer', (c) => c.notNull())
    .addColumn('closed_rounds', 'integer', (c) => c.notNull())
    .addColumn('current_version', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('catalogue')
    .addColumn('hash', 'text', (c) => c.primaryKey())
    .addColumn('bytes', blob, (c) => c.notNull())
    .execute();
  await schema
    .createTable('model_version')
    .addColumn('hash', 'text', (c) => c.primaryKey())
    .addColumn('task', 'text', (c) => c.notNull())
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('manifest', 'text', (c) => c.notNull())
    .addColumn('parameters_hash', 'text', (c) => c.notNull())
    .addColumn('origin', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addUniqueConstraint('model_version_position', ['task', 'position'])
    .execute();
  await schema
    .createTable('parameter_chunk')
    .addColumn('parameters_hash', 'text', (c) => c.notNull())
    .addColumn('chunk', 'integer', (c) => c.notNull())
    .addColumn('bytes', blob, (c) => c.notNull())
    .addPrimaryKeyConstraint('parameter_chunk_key', ['parameters_hash', 'chunk'])
    .execute();
  await schema
    .createTable('optimizer_chunk')
    .addColumn('task', 'text', (c) => c.notNull())
    .addColumn('moment', 'text', (c) => c.notNull())
    .addColumn('chunk', 'integer', (c) => c.notNull())
    .addColumn('bytes', blob, (c) => c.notNull())
    .addPrimaryKeyConstraint('optimizer_chunk_key', ['task', 'moment', 'chunk'])
    .execute();
  await schema
    .createTable('round')
    .addColumn('task', 'text', (c) => c.notNull())
    .addColumn('round', 'integer', (c) => c.notNull())
    .addColumn('outcome', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('invited', 'integer', (c) => c.notNull())
    .addColumn('contributions', 'integer', (c) => c.notNull())
    .addColumn('opened_at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('version', 'text')
    .addColumn('metrics', 'text')
    .addColumn('bytes_received', 'bigint', (c) => c.notNull())
    .addColumn('engine', 'text')
    .addPrimaryKeyConstraint('round_key', ['task', 'round'])
    .execute();
  await schema
    .createTable('ledger_entry')
    .addColumn('population', 'text', (c) => c.notNull())
    .addColumn('seq', 'integer', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('entry', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('ledger_entry_key', ['population', 'seq'])
    .execute();
  await createIdentityTable(database);
}

async function createIdentityTable({ schema }: Database): Promise<void> {
  await schema
    .createTable('identity')
    .addColumn('population', 'text', (c) => c.notNull())
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('identity', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('identity_key', ['population', 'position'])
    .addUniqueConstraint('identity_once', ['population', 'identity'])
    .execute();
}

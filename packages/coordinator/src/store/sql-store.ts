/** The store over any database that kysely speaks to. Large values are kept in chunk rows, so that they can be streamed. */
import { createHash } from 'node:crypto';
import { checkTaskDocument, type ModelVersion, type TaskDocument } from '@tributary/protocol';
import type { Selectable } from 'kysely';
import type { OptimizerState } from '../optimizer/optimizer.ts';
import { bytesOfFloats, chunksOf, floatsOfBytes, storeChunkBytes, toBytes } from './blobs.ts';
import { appendIdentities, listIdentities } from './identities.ts';
import { appendLedgerEntry, ledgerEntries, ledgerPopulations } from './ledger-entries.ts';
import { parsed, unreadable } from './parsed.ts';
import { refuseMixedPopulation } from './population-conflict.ts';
import type { Database, Tables } from './schema.ts';
import type { NewTask, Publication, RoundRecord, Store, TaskRecord, TaskStatus, VersionRecord } from './store.ts';
import { StoreError, storeErrorOf } from './store-error.ts';

export function createSqlStore(database: Database, location: string): Store {
  /** Every database error leaves the store as a StoreError. */
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw storeErrorOf(error, location);
    }
  };

  return {
    location,
    ledger: {
      entries: (population) => guarded(() => ledgerEntries(database, population)),
      append: (entry) => guarded(() => database.transaction().execute((t) => appendLedgerEntry(t, entry))),
    },
    ledgerPopulations: () => guarded(() => ledgerPopulations(database)),
    identities: {
      list: (population, from = 0) => guarded(() => listIdentities(database, population, from)),
      append: (population, position, identities) =>
        guarded(() => database.transaction().execute((t) => appendIdentities(t, population, position, identities))),
    },
    createTask: (task) => guarded(() => database.transaction().execute((t) => createTask(t, task))),
    tasks: () =>
      guarded(async () =>
        (await database.selectFrom('task').selectAll().orderBy('created_at').orderBy('id').execute()).map(taskOf),
      ),
    task: (id) => guarded(() => findTask(database, id)),
    setTaskStatus: (id, status, reason) =>
      guarded(async () => {
        await database.updateTable('task').set({ status, reason }).where('id', '=', id).execute();
      }),
    catalogue: (hash) =>
      guarded(async () => {
        const row = await database.selectFrom('catalogue').select('bytes').where('hash', '=', hash).executeTakeFirst();
        if (!row) return null;
        const bytes = toBytes(row.bytes);
        if (createHash('sha256').update(bytes).digest('hex') !== hash) {
          throw new StoreError('damaged', `Catalogue ${hash} in the store was changed. Restore a backup.`);
        }
        return bytes;
      }),
    openRound: (round) =>
      guarded(() =>
        database.transaction().execute(async (t) => {
          await t.insertInto('round').values(roundRow(round)).execute();
          await t.updateTable('task').set({ last_round: round.round }).where('id', '=', round.task).execute();
        }),
      ),
    endRound: (round) => guarded(() => writeRoundEnd(database, round)),
    rounds: (task, limit) =>
      guarded(async () => {
        const rows = await database
          .selectFrom('round')
          .selectAll()
          .where('task', '=', task)
          .orderBy('round', 'desc')
          .limit(limit)
          .execute();
        return rows.map(roundOf);
      }),
    openRounds: () =>
      guarded(async () =>
        (await database.selectFrom('round').selectAll().where('outcome', '=', 'open').execute()).map(roundOf),
      ),
    publish: (publication) => guarded(() => database.transaction().execute((t) => publish(t, publication))),
    versions: (task) =>
      guarded(async () => {
        const rows = await database
          .selectFrom('model_version')
          .selectAll()
          .where('task', '=', task)
          .orderBy('position')
          .execute();
        return rows.map(versionOf);
      }),
    version: (hash) =>
      guarded(async () => {
        const row = await database.selectFrom('model_version').selectAll().where('hash', '=', hash).executeTakeFirst();
        return row ? versionOf(row) : null;
      }),
    parameterBytes: (hash, offset, length) => guarded(() => parameterBytes(database, hash, offset, length)),
    parameters: (hash) => guarded(() => allParameters(database, hash)),
    optimizerState: (task) =>
      guarded(async () => ({
        momentum: await moment(database, task, 'momentum'),
        second: await moment(database, task, 'second'),
      })),
    close: () => database.destroy(),
  };
}

// ---- tasks -----------------------------------------------------------------------------------------------------------------

async function createTask(database: Database, task: NewTask): Promise<void> {
  const { document, catalogue, catalogueHash, version, parameters, createdAt } = task;
  const existing = await database.selectFrom('task').select('id').where('id', '=', document.task).executeTakeFirst();
  if (existing) {
    throw new StoreError(
      'conflict',
      `A task '${document.task}' exists already. Choose another name, or stop and keep the old one.`,
    );
  }
  // In the transaction that writes, so that two creations at once cannot both pass.
  const others = await database
    .selectFrom('task')
    .select(['id', 'document'])
    .where('population', '=', document.population)
    .execute();
  refuseMixedPopulation(
    others.map((row) => documentOf(row.document, row.id)),
    document,
  );
  const known = await database
    .selectFrom('catalogue')
    .select('hash')
    .where('hash', '=', catalogueHash)
    .executeTakeFirst();
  if (!known) await database.insertInto('catalogue').values({ hash: catalogueHash, bytes: catalogue }).execute();
  await database
    .insertInto('task')
    .values({
      id: document.task,
      population: document.population,
      document: JSON.stringify(document),
      catalogue_hash: catalogueHash,
      status: 'running',
      reason: '',
      last_round: 0,
      closed_rounds: 0,
      current_version: version.hash,
      created_at: createdAt,
    })
    .execute();
  await insertVersion(database, version, 0, 'initial', createdAt);
  await insertParameters(database, version.parametersHash, parameters);
}

async function findTask(database: Database, id: string): Promise<TaskRecord | null> {
  const row = await database.selectFrom('task').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? taskOf(row) : null;
}

function taskOf(row: Selectable<Tables['task']>): TaskRecord {
  return {
    id: row.id,
    document: documentOf(row.document, row.id),
    catalogueHash: row.catalogue_hash,
    status: row.status as TaskStatus,
    reason: row.reason,
    lastRound: Number(row.last_round),
    closedRounds: Number(row.closed_rounds),
    currentVersion: row.current_version,
    createdAt: Number(row.created_at),
  };
}

/** A stored document is read like any other input: a damaged one is named, not trusted. */
function documentOf(text: string, id: string): TaskDocument {
  const what = `The document of task '${id}'`;
  const check = checkTaskDocument(parsed(text, what));
  if (!check.ok) throw unreadable(what);
  return check.task;
}

// ---- publication -----------------------------------------------------------------------------------------------------------

async function publish(database: Database, publication: Publication): Promise<void> {
  const { task, version, parameters, optimizerState, round, ledgerEntry, origin, createdAt } = publication;
  const record = await findTask(database, task);
  if (!record) throw new StoreError('conflict', `There is no task '${task}' to publish for.`);
  if (record.currentVersion !== version.parent) {
    throw new StoreError('conflict', `Task '${task}' has moved on to another version; nothing was published.`);
  }
  if (ledgerEntry && !(await appendLedgerEntry(database, ledgerEntry))) {
    throw new StoreError('conflict', 'The ledger has moved on; nothing was published.');
  }
  const last = await database
    .selectFrom('model_version')
    .select((e) => e.fn.max('position').as('position'))
    .where('task', '=', task)
    .executeTakeFirst();
  await insertVersion(database, version, Number(last?.position ?? -1) + 1, origin, createdAt);
  await insertParameters(database, version.parametersHash, parameters);
  await database.deleteFrom('optimizer_chunk').where('task', '=', task).execute();
  for (const name of ['momentum', 'second'] as const) {
    const values = optimizerState[name];
    if (!values) continue;
    for (const [chunk, bytes] of chunksOf(bytesOfFloats(values)).entries()) {
      await database.insertInto('optimizer_chunk').values({ task, moment: name, chunk, bytes }).execute();
    }
  }
  if (round) await writeRoundEnd(database, round);
  await database
    .updateTable('task')
    .set({ current_version: version.hash, closed_rounds: record.closedRounds + (round ? 1 : 0) })
    .where('id', '=', task)
    .execute();
}

async function insertVersion(
  database: Database,
  version: ModelVersion,
  position: number,
  origin: VersionRecord['origin'],
  createdAt: number,
): Promise<void> {
  const manifest = JSON.stringify({ ...version, signature: Buffer.from(version.signature).toString('hex') });
  await database
    .insertInto('model_version')
    .values({
      hash: version.hash,
      task: version.task,
      position,
      manifest,
      parameters_hash: version.parametersHash,
      origin,
      created_at: createdAt,
    })
    .execute();
}

function versionOf(row: Selectable<Tables['model_version']>): VersionRecord {
  const what = `Version ${row.hash}`;
  const manifest = parsed(row.manifest, what) as (Omit<ModelVersion, 'signature'> & { signature?: unknown }) | null;
  if (typeof manifest?.signature !== 'string') throw unreadable(what);
  return {
    version: { ...manifest, signature: Uint8Array.from(Buffer.from(manifest.signature, 'hex')) },
    position: Number(row.position),
    createdAt: Number(row.created_at),
    origin: row.origin as VersionRecord['origin'],
  };
}

/** Versions with equal parameters (a rollback) share them. */
async function insertParameters(database: Database, hash: string, parameters: Float32Array): Promise<void> {
  const known = await database
    .selectFrom('parameter_chunk')
    .select('chunk')
    .where('parameters_hash', '=', hash)
    .limit(1)
    .execute();
  if (known.length > 0) return;
  for (const [chunk, bytes] of chunksOf(bytesOfFloats(parameters)).entries()) {
    await database.insertInto('parameter_chunk').values({ parameters_hash: hash, chunk, bytes }).execute();
  }
}

// ---- large values ----------------------------------------------------------------------------------------------------------

async function parameterBytes(database: Database, hash: string, offset: number, length: number) {
  const size = await database
    .selectFrom('parameter_chunk')
    .select((e) => [e.fn.max('chunk').as('last')])
    .where('parameters_hash', '=', hash)
    .executeTakeFirst();
  if (size?.last === null || size?.last === undefined) return null;
  const last = Number(size.last);
  const first = Math.floor(offset / storeChunkBytes);
  const until = Math.min(last, Math.floor((offset + length - 1) / storeChunkBytes));
  const rows = await database
    .selectFrom('parameter_chunk')
    .select(['chunk', 'bytes'])
    .where('parameters_hash', '=', hash)
    .where((e) => e.or([e('chunk', '=', last), e.and([e('chunk', '>=', first), e('chunk', '<=', until)])]))
    .orderBy('chunk')
    .execute();
  const chunks = new Map(rows.map((row) => [Number(row.chunk), toBytes(row.bytes)]));
  const total = last * storeChunkBytes + (chunks.get(last)?.length ?? 0);
  const end = Math.min(total, offset + length);
  const bytes = new Uint8Array(Math.max(0, end - offset));
  for (let at = offset; at < end; ) {
    const chunk = Math.floor(at / storeChunkBytes);
    const from = at - chunk * storeChunkBytes;
    const part = chunks.get(chunk)?.subarray(from, from + end - at);
    if (!part || part.length === 0)
      throw new StoreError('damaged', `Parameters ${hash} miss a part in the store. Restore a backup.`);
    bytes.set(part, at - offset);
    at += part.length;
  }
  return { total, bytes };
}

async function allParameters(database: Database, hash: string): Promise<Float32Array | null> {
  const rows = await database
    .selectFrom('parameter_chunk')
    .select('bytes')
    .where('parameters_hash', '=', hash)
    .orderBy('chunk')
    .execute();
  return rows.length > 0 ? floatsOfBytes(rows.map((row) => toBytes(row.bytes))) : null;
}

async function moment(database: Database, task: string, name: keyof OptimizerState): Promise<Float32Array | null> {
  const rows = await database
    .selectFrom('optimizer_chunk')
    .select('bytes')
    .where('task', '=', task)
    .where('moment', '=', name)
    .orderBy('chunk')
    .execute();
  return rows.length > 0 ? floatsOfBytes(rows.map((row) => toBytes(row.bytes))) : null;
}

// ---- rounds ----------------------------------------------------------------------------------------------------------------

async function writeRoundEnd(database: Database, round: RoundRecord): Promise<void> {
  await database
    .updateTable('round')
    .set(roundRow(round))
    .where('task', '=', round.task)
    .where('round', '=', round.round)
    .execute();
}

function roundRow(round: RoundRecord): Tables['round'] {
  return {
    task: round.task,
    round: round.round,
    outcome: round.outcome,
    reason: round.reason,
    invited: round.invited,
    contributions: round.contributions,
    opened_at: round.openedAt,
    ended_at: round.endedAt,
    version: round.version,
    metrics: round.metrics ? JSON.stringify(round.metrics) : null,
    bytes_received: round.bytesReceived,
    engine: round.engine,
  };
}

function roundOf(row: Selectable<Tables['round']>): RoundRecord {
  return {
    task: row.task,
    round: Number(row.round),
    outcome: row.outcome as RoundRecord['outcome'],
    reason: row.reason,
    invited: Number(row.invited),
    contributions: Number(row.contributions),
    openedAt: Number(row.opened_at),
    endedAt: row.ended_at === null ? null : Number(row.ended_at),
    version: row.version,
    metrics:
      row.metrics === null
        ? null
        : (parsed(row.metrics, `Round ${row.round} of task '${row.task}'`) as RoundRecord['metrics']),
    bytesReceived: Number(row.bytes_received),
    engine: row.engine as RoundRecord['engine'],
  };
}

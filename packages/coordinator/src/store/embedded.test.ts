import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from './embedded.ts';
import { schemaVersion } from './schema.ts';
import { describeStore, everythingOf, newTask, publicationOf } from './store-contract.cases.ts';

const freshFolder = () => mkdtemp(join(tmpdir(), 'store-'));

describeStore('the embedded store', async () => {
  const folder = await freshFolder();
  let store = await openStore(folder);
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await openStore(folder, { create: false });
      return store;
    },
    dispose: async () => {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
});

/** Opens the file named by its argument as a store does, says so, and waits for the end of its input. */
const holder = `
const Database = require(process.argv[2]);
const connection = new Database(process.argv[1]);
for (const setting of ['locking_mode = EXCLUSIVE', 'journal_mode = WAL']) connection.pragma(setting);
connection.exec('BEGIN EXCLUSIVE; COMMIT;');
console.log('held');
process.stdin.resume().on('end', () => process.exit(0));
`;

describe('the embedded store on disk', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await freshFolder();
    file = join(folder, 'store.sqlite');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** A closed store with a task of some megabytes. */
  async function writeStore() {
    const store = await openStore(folder);
    const task = newTask('books');
    await store.createTask(task);
    await store.close();
    return task;
  }

  it('is for its owner alone', async () => {
    const inner = join(folder, 'inner');
    await (await openStore(inner)).close();
    expect((await stat(inner)).mode & 0o777).toBe(0o700);
  });

  it('is not made where it should be there', async () => {
    const missing = join(folder, 'missing');
    await expect(openStore(missing, { create: false })).rejects.toMatchObject({
      name: 'StoreError',
      code: 'missing',
      message: expect.stringContaining(missing),
    });
    await expect(stat(missing)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is refused while another process holds it, and opens afterwards', async () => {
    await writeStore();
    const driver = createRequire(import.meta.url).resolve('libsql');
    const child = spawn(process.execPath, ['-e', holder, file, driver], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
      expect(child.exitCode).toBeNull();
      await expect(openStore(folder)).rejects.toMatchObject({ name: 'StoreError', code: 'locked' });
    } finally {
      const ended = once(child, 'close');
      child.stdin.end();
      await ended;
    }
    await (await openStore(folder)).close();
  });

  it('is refused while this process holds it', async () => {
    const store = await openStore(folder);
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'locked' });
    await store.close();
  });

  it('is refused, and not changed, when a newer version wrote it', async () => {
    await writeStore();
    const connection = new SqliteDatabase(file);
    connection.exec(`UPDATE meta SET value = '${schemaVersion + 1}' WHERE key = 'schema-version'`);
    connection.close();
    const before = await readFile(file);
    await expect(openStore(folder)).rejects.toMatchObject({ name: 'StoreError', code: 'newer' });
    expect(Buffer.compare(await readFile(file), before)).toBe(0);
  });

  it('of an older version opens with all that it held', async () => {
    const task = await writeStore();
    const publication = publicationOf(task, { round: null });
    const current = await openStore(folder);
    const before = await everythingOf(current, task, publication);
    await current.close();
    const connection = new SqliteDatabase(file);
    // As version 1 was: without identity logs, and without the engines of rounds.
    connection.exec(
      "DROP TABLE identity; ALTER TABLE round DROP COLUMN engine; UPDATE meta SET value = '1' WHERE key = 'schema-version'",
    );
    connection.close();
    for (let opening = 0; opening < 2; opening++) {
      const store = await openStore(folder);
      expect(await everythingOf(store, task, publication)).toEqual(before);
      expect(await store.identities.append('readers', opening, [new Uint8Array(32).fill(opening)])).toBe(true);
      before.identities = await store.identities.list('readers');
      await store.close();
    }
  });

  it('refuses an identity log with a gap', async () => {
    const store = await openStore(folder);
    await store.identities.append(
      'readers',
      0,
      [1, 2, 3].map((seed) => new Uint8Array(32).fill(seed)),
    );
    await store.close();
    const connection = new SqliteDatabase(file);
    connection.exec('DELETE FROM identity WHERE position = 1');
    connection.close();
    const damaged = await openStore(folder);
    await expect(damaged.identities.list('readers')).rejects.toMatchObject({ name: 'StoreError', code: 'damaged' });
    await damaged.close();
  });

  it.each([
    ['at its beginning', 0, 100],
    ['in its first page', 200, 3000],
    ['in the middle', 2 * 4096, 8 * 4096],
  ])('is refused when it is damaged %s', async (_, offset, length) => {
    await writeStore();
    const handle = await open(file, 'r+');
    await handle.write(new Uint8Array(length).fill(0xa5), 0, length, offset);
    await handle.close();
    await expect(openStore(folder)).rejects.toMatchObject({ name: 'StoreError', code: 'damaged' });
  });

  it('is refused when it is cut short, or is something else', async () => {
    await writeStore();
    const whole = await readFile(file);
    await writeFile(file, whole.subarray(0, whole.length / 2));
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'damaged' });
    await writeFile(file, 'not a database, but a text of some length '.repeat(40));
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'damaged' });
  });

  it('says so where its folder is a file', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(openStore(join(folder, 'file'))).rejects.toMatchObject({ name: 'StoreError', code: 'not-writable' });
    await expect(openStore(join(folder, 'file', 'inner'))).rejects.toMatchObject({ code: 'not-writable' });
  });

  it('writes nothing by half on a full disk, and goes on afterwards', async () => {
    const task = await writeStore();
    const pages = Math.ceil((await stat(file)).size / 4096);
    const full = await openStore(folder, { maximumPages: pages + 100 });
    const publication = publicationOf(task, { round: null });
    const before = await everythingOf(full, task, publication);
    await expect(full.publish(publication)).rejects.toMatchObject({ name: 'StoreError', code: 'full' });
    await expect(full.createTask(newTask('films', 2 ** 20))).rejects.toMatchObject({ code: 'full' });
    expect(await everythingOf(full, task, publication)).toEqual(before);
    await full.close();
    const store = await openStore(folder);
    expect(await everythingOf(store, task, publication)).toEqual(before);
    await store.publish(publication);
    expect((await store.task('books'))?.currentVersion).toBe(publication.version.hash);
    await store.close();
  });
});

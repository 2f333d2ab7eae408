/** Stores that are damaged, locked, from a newer version or of somebody else, on the real command line and coordinator. */
import { cp, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCoordinator, loadCoordinatorIdentity, openStore } from '@tributary/coordinator';
import { systemRandom } from '@tributary/privacy';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeChargedStore } from './charged-store.ts';
import { task } from './client-world.ts';
import { commandLine, documentOf, type Ended, exitCodes } from './command-in-process.ts';

/** The store's own driver, to change what no program of ours would. */
const Database = createRequire(new URL('../../packages/coordinator/package.json', import.meta.url))('libsql');

let root: string;
/** A store with a first version, one that a round released, and a ledger. */
let whole: string;
let folder: string;
let copies = 0;
let current: string;
let first: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tributary-bad-store-'));
  whole = join(root, 'whole');
  [first, current] = (await makeChargedStore(whole, 1)).versions;
});
afterAll(() => rm(root, { recursive: true }));
beforeEach(async () => {
  folder = join(root, `copy-${copies++}`);
  await cp(whole, folder, { recursive: true });
});

const file = () => join(folder, 'store.sqlite');
const serve = (port = '0') => commandLine(['serve', '--store', folder, '--port', port, '--log-level', 'silent']);
const model = (command: string, ...words: string[]) =>
  commandLine(['model', command, ...words, '--store', folder, '--task', task]);
const recommend = (...words: string[]) =>
  commandLine(['recommend', '--store', folder, '--task', task, '--history', 'sku-1,sku-2', ...words]);

/** Changes the closed store behind everybody's back. */
function change(sql: string): void {
  const connection = new Database(file());
  connection.exec(sql);
  connection.close();
}

function expectEnd(ended: Ended, code: number, message: RegExp): void {
  expect(ended.code, ended.error).toBe(code);
  expect(ended.error).toMatch(message);
  expect(ended.error).not.toMatch(/^\s+at /m);
}

describe('a store that is damaged in the middle', () => {
  it('serves again when it is whole, which shows that the following fail for their own reasons', async () => {
    const store = await openStore(folder, { create: false });
    const identity = await loadCoordinatorIdentity(folder, systemRandom);
    const coordinator = await createCoordinator({ store, identity });
    expect((await coordinator.tasks())[0]).toMatchObject({ id: task, currentVersion: current, status: 'completed' });
    await coordinator.close();
    await store.close();
    expect((await recommend()).code).toBe(0);
  });

  const zeros = 'zeroblob(length(bytes))';
  it.each([
    ['parameters', `UPDATE parameter_chunk SET bytes = ${zeros}`, /is damaged: its parameters do not hash/],
    ['missing parameters', 'DELETE FROM parameter_chunk', /its parameters are missing/],
    ['catalogue', `UPDATE catalogue SET bytes = ${zeros}`, /Catalogue [0-9a-f]{64} in the store was changed/],
    [
      'task document',
      `UPDATE task SET document = substr(document, 1, 40)`,
      /document of task 'shop' .* cannot be read/,
    ],
    ['signed description', `UPDATE model_version SET manifest = '{"signature":'`, /Version [0-9a-f]{64} .* be read/],
    ['ledger', `UPDATE ledger_entry SET entry = substr(entry, 1, 30)`, /An entry of the ledger .* cannot be read/],
    [
      'ledger, made cheaper',
      `UPDATE ledger_entry SET entry = replace(entry, '"noiseMultiplier":2', '"noiseMultiplier":9')`,
      /ledger of population 'people' is not to be trusted: entry 1 does not hash/,
    ],
    [
      'ledger, its end cut off',
      `DELETE FROM ledger_entry WHERE seq > 0`,
      /holds less than version .* entries are missing/,
    ],
  ])('in its %s is not served', async (_, sql, message) => {
    change(sql);
    expectEnd(await serve(), exitCodes.store.code, message);
  });

  it('in its pages is not opened by any command, and not changed', async () => {
    const handle = await open(file(), 'r+');
    await handle.write(new Uint8Array(8 * 4096).fill(0xa5), 0, 8 * 4096, 3 * 4096);
    await handle.close();
    const before = await readFile(file());
    for (const ended of [await serve(), await model('list'), await recommend()]) {
      expectEnd(ended, exitCodes.store.code, /is damaged\. Restore it from a backup; the file was not changed/);
    }
    expect(Buffer.compare(await readFile(file()), before)).toBe(0);
  });

  it('gives nothing out of parameters that are not what was signed, and leaves the version in force', async () => {
    change(`UPDATE parameter_chunk SET bytes = ${zeros}`);
    const export_ = join(folder, 'model.safetensors');
    for (const ended of [await recommend(), await model('export', export_), await model('rollback', first)]) {
      expectEnd(ended, exitCodes.store.code, /its parameters do not hash to what it says\. Restore a backup/);
    }
    await expect(readFile(export_)).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await model('list')).out).toMatch(new RegExp(`\\*\\s+${current}`));
  });
});

describe('a forged or foreign model signature', () => {
  it('is not served, exported or recommended from', async () => {
    const forged = '00'.repeat(64);
    change(`UPDATE model_version SET manifest = json_set(manifest, '$.signature', '${forged}')`);
    for (const ended of [await serve(), await recommend(), await model('export', join(folder, 'm.safetensors'))]) {
      expectEnd(ended, exitCodes.store.code, /not to be trusted: it is not signed by this coordinator\. Use the coord/);
    }
  });

  it('of another coordinator’s key is told from one’s own', async () => {
    await rm(join(folder, 'coordinator.key'));
    await loadCoordinatorIdentity(folder, systemRandom);
    expectEnd(await serve(), exitCodes.store.code, /not to be trusted: .* is not signed by/);
    expectEnd(await recommend(), exitCodes.store.code, /it is not signed by this coordinator/);
  });
});

describe('a store that cannot be opened', () => {
  it('because a newer version wrote it is named so, and not changed', async () => {
    change(`UPDATE meta SET value = '99' WHERE key = 'schema-version'`);
    const before = await readFile(file());
    for (const ended of [await serve(), await model('list')]) expectEnd(ended, exitCodes.store.code, /newer/);
    expect(Buffer.compare(await readFile(file()), before)).toBe(0);
  });

  it('because it is open elsewhere is named so, and goes on there', async () => {
    const store = await openStore(folder);
    for (const ended of [await serve(), await model('list')]) {
      expectEnd(ended, exitCodes.store.code, /is in use by another process\. Stop that process, or ask the running/);
    }
    expect(await store.tasks()).toHaveLength(1);
    await store.close();
  });
});

describe('what a store does not have', () => {
  it('is named, with what it has: unknown tasks and versions', async () => {
    const missing = 'ab'.repeat(32);
    const unknownTask = await commandLine(['model', 'list', '--store', folder, '--task', 'music']);
    expectEnd(unknownTask, exitCodes.input.code, /no task 'music'[\s\S]*It has: shop/);
    for (const ended of [
      await model('export', join(folder, 'm.safetensors'), '--version', missing),
      await model('rollback', missing),
      await recommend('--version', missing),
    ]) {
      expectEnd(ended, exitCodes.input.code, /has no version .*(abab)[\s\S]*model list/);
    }
    const earlier = await recommend('--version', first, '--json');
    expect(earlier.code, earlier.error).toBe(0);
    expect(documentOf(earlier)).toMatchObject({ version: first });
  });

  it('is not made up from a model of another layout', async () => {
    const exported = join(folder, 'model.safetensors');
    expect((await model('export', exported)).code).toBe(0);
    const bytes = await readFile(exported);
    const headerLength = Number(bytes.readBigUInt64LE(0));
    const header = bytes.toString('utf8', 8, 8 + headerLength);
    await rm(exported);
    const handle = await open(exported, 'w');
    await handle.write(bytes.subarray(0, 8));
    await handle.write(header.replace('"items"', '"films"'));
    await handle.write(bytes.subarray(8 + headerLength));
    await handle.close();
    expectEnd(
      await model('import', exported),
      exitCodes.input.code,
      /not of the task's model: items is missing; "films" is not part of the model/,
    );
    expect((await model('list')).out).toMatch(new RegExp(`\\*\\s+${current}`));
  });
});

describe('a port in use', () => {
  it('is named with what to do, and the store is free again', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    expectEnd(
      await serve(String(port)),
      exitCodes.network.code,
      new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is in use by another program\\. Stop it, or choose another port`),
    );
    taken.close();
    await (await openStore(folder)).close();
  });
});

import 'fake-indexeddb/auto';
import { createHash } from 'node:crypto';
import { openDB } from 'idb';
import { expect, it } from 'vitest';
import { deleteIndexedDbStorage, indexedDbStorage } from './indexed-db-storage.ts';

const raw = async (name: string) => openDB(name);
const event = { type: 'view', itemId: 'a-secret-item', at: 1 };

it('keeps nothing of a person in the clear, and its key cannot be read out', async () => {
  const storage = await indexedDbStorage({ name: 'clear' });
  await storage.appendInteraction(event);
  await storage.writeRecord('identity', { publicKey: 'aabbccdd', secretKey: 'eeff0011' });
  const database = await raw('clear');
  const written = [...(await database.getAll('interactions')), ...(await database.getAll('records'))];
  expect(written).toHaveLength(2);
  for (const bytes of written) {
    const text = Buffer.from(bytes).toString('latin1');
    for (const word of ['secret', 'view', 'eeff0011', 'aabbccdd']) expect(text).not.toContain(word);
  }
  const [{ key }] = await database.getAll('keys');
  expect(key.extractable).toBe(false);
  await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow();
  database.close();
  await storage.close();
});

it('gives another instance what one has written, with the same key', async () => {
  const [one, other] = await Promise.all([indexedDbStorage({ name: 'two' }), indexedDbStorage({ name: 'two' })]);
  await Promise.all([one.appendInteraction(event), other.writeRecord('task', { task: 'films' })]);
  expect(await other.listInteractions()).toEqual([event]);
  expect(await one.readRecord('task')).toEqual({ task: 'films' });
  await one.close();
  await other.close();
});

it('says that bytes were changed or moved, and which', async () => {
  const storage = await indexedDbStorage({ name: 'damaged' });
  await storage.writeRecord('task', { task: 'films' });
  await storage.writeRecord('consent', { status: 'granted', version: '1', at: 1 });
  const bytes = Uint8Array.of(1, 2, 3);
  const hash = createHash('sha256').update(bytes).digest('hex');
  await storage.writeBlob(hash, bytes);
  const database = await raw('damaged');
  await database.put('records', await database.get('records', 'task'), 'consent');
  await database.put('blobs', Uint8Array.of(1, 2, 4), hash);
  database.close();
  await expect(storage.readRecord('consent')).rejects.toMatchObject({
    code: 'storage-damaged',
    message: expect.stringContaining("'record consent'"),
  });
  await expect(storage.readBlob(hash)).rejects.toMatchObject({ code: 'storage-damaged' });
  expect(await storage.readRecord('task')).toEqual({ task: 'films' });
  await storage.close();
});

it('forgets its key when it is wiped', async () => {
  const storage = await indexedDbStorage({ name: 'wiped' });
  await storage.appendInteraction(event);
  const database = await raw('wiped');
  const [copy] = await database.getAll('interactions');
  await storage.wipe();
  expect(await database.getAll('keys')).toEqual([]);
  await database.put('interactions', copy, 1);
  database.close();
  await expect(storage.listInteractions()).rejects.toMatchObject({ code: 'storage-damaged' });
  await storage.close();
});

it('refuses a database of a newer version of the package', async () => {
  const newer = await openDB('newer', 99);
  newer.close();
  await expect(indexedDbStorage({ name: 'newer' })).rejects.toMatchObject({ code: 'storage-newer' });
});

it('is closed by whoever deletes it, and says so', async () => {
  const storage = await indexedDbStorage({ name: 'deleted' });
  await storage.writeRecord('task', { task: 'films' });
  await deleteIndexedDbStorage({ name: 'deleted' });
  await expect(storage.readRecord('task')).rejects.toMatchObject({
    code: 'storage-failed',
    message: expect.stringContaining('another tab has taken it over'),
  });
});

it('packs many interactions into few rows, in their order, while another tab goes on', async () => {
  const [one, other] = await Promise.all([indexedDbStorage({ name: 'many' }), indexedDbStorage({ name: 'many' })]);
  const events = Array.from({ length: 5000 }, (_, at) => ({ ...event, at }));
  await Promise.all(events.map((each) => one.appendInteraction(each)));
  const [listed] = await Promise.all([one.listInteractions(), other.listInteractions()]);
  expect(listed).toEqual(events);
  await other.appendInteraction({ ...event, at: 5000 });
  expect(await one.listInteractions()).toEqual([...events, { ...event, at: 5000 }]);
  const database = await raw('many');
  expect(await database.count('interactions')).toBe(4);
  database.close();
  await one.close();
  await other.close();
});

it('loses no event of another tab while it removes the oldest', async () => {
  const [one, other] = await Promise.all([indexedDbStorage({ name: 'cut' }), indexedDbStorage({ name: 'cut' })]);
  const events = Array.from({ length: 600 }, (_, at) => ({ ...event, at }));
  for (const each of events) await one.appendInteraction(each);
  const later = Array.from({ length: 20 }, (_, at) => ({ ...event, at: 600 + at }));
  await Promise.all([
    one.keepLatestInteractions(150),
    other.listInteractions(),
    other.keepLatestInteractions(150),
    ...later.map((each) => other.appendInteraction(each)),
  ]);
  const listed = await one.listInteractions();
  expect(listed).toEqual([...events, ...later].slice(-listed.length));
  expect(listed.length).toBeGreaterThanOrEqual(150);
  await one.keepLatestInteractions(150);
  expect(await other.listInteractions()).toEqual([...events, ...later].slice(-150));
  await one.close();
  await other.close();
});

it('takes nothing from a tab that does not know yet of another one’s wipe', async () => {
  const [one, other] = await Promise.all([indexedDbStorage({ name: 'late' }), indexedDbStorage({ name: 'late' })]);
  await other.writeRecord('task', { task: 'films' });
  await one.wipe();
  await expect(other.appendInteraction(event)).rejects.toMatchObject({ code: 'storage-failed' });
  await one.writeRecord('task', { task: 'films' });
  await expect(other.appendInteraction(event)).rejects.toMatchObject({ code: 'storage-failed' });
  await one.close();
  await other.close();
  const later = await indexedDbStorage({ name: 'late' });
  expect(await later.listInteractions()).toEqual([]);
  expect(await later.readRecord('task')).toEqual({ task: 'films' });
  await later.close();
});

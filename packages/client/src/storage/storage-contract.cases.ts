/** The contract of a storage. Whatever keeps a device's data is held against it, in Node and in real browsers. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Storage, type StorageRecords, storageRecordNames } from './storage.ts';

const records: StorageRecords = {
  task: { task: 'films' },
  identity: { publicKey: 'aa', secretKey: 'bb' },
  coordinatorKey: { key: 'cc' },
  consent: { status: 'granted', version: '2', at: 5, plans: ['secure'] },
  preferences: { paused: true },
  privateVector: { version: 'dd', interactions: 3, vector: [Math.fround(0.1), -1e-30, 0, 12345.678] },
  participation: { lastRound: 9, contributions: 4 },
  secureParticipation: {
    versions: [{ version: 'ab', contributions: 1 }],
    answered: [{ rosterHash: 'cd', what: 'revealed' }],
    rosters: [7],
  },
  identityLogs: {
    seen: [{ population: 'people', size: 3, root: 'ef', contradicted: { round: 4, size: 2, root: '01' } }],
  },
  identityPins: { identities: ['23', '45'] },
  model: { description: 'a1', blobs: ['a3', 'a4'] },
  interruptedUpload: { round: 9, roundHash: 'ee', sha256: 'ff', bytes: 10, until: 99 },
};

function blobOf(text: string): [string, Uint8Array] {
  const bytes = new TextEncoder().encode(text);
  return [createHash('sha256').update(bytes).digest('hex'), bytes];
}

/** @param open a new, empty storage; whoever opens it cleans up after it */
export function describeStorage(name: string, open: () => Promise<Storage>): void {
  describe(name, () => {
    it('has nothing left when it was wiped, and can be written again', async () => {
      const storage = await open();
      await storage.appendInteraction({ type: 'view', itemId: 'a', at: 1 });
      for (const name of storageRecordNames) await storage.writeRecord(name, records[name]);
      const [hash, bytes] = blobOf('a model');
      await storage.writeBlob(hash, bytes);
      await storage.wipe();
      expect(await storage.listInteractions()).toEqual([]);
      for (const name of storageRecordNames) expect(await storage.readRecord(name)).toBeNull();
      expect(await storage.readBlob(hash)).toBeNull();
      await storage.writeRecord('task', records.task);
      expect(await storage.readRecord('task')).toEqual(records.task);
    });

    it('lists interactions in the order in which they were appended, and forgets them when erased', async () => {
      const storage = await open();
      expect(await storage.listInteractions()).toEqual([]);
      const events = Array.from({ length: 20 }, (_, i) => ({ type: 'view', itemId: `ünï "${i}"\n`, at: 1000 - i }));
      await Promise.all(events.map((event) => storage.appendInteraction(event)));
      await storage.appendInteraction({ type: 'click', itemId: 'x', at: 1, recommendationId: 'r' });
      expect(await storage.listInteractions()).toEqual([
        ...events,
        { type: 'click', itemId: 'x', at: 1, recommendationId: 'r' },
      ]);
      await storage.eraseInteractions();
      expect(await storage.listInteractions()).toEqual([]);
      await storage.appendInteraction(events[0]);
      expect(await storage.listInteractions()).toEqual([events[0]]);
    });

    it('removes the oldest interactions and keeps the latest in their order', async () => {
      const storage = await open();
      await storage.keepLatestInteractions(5);
      const events = Array.from({ length: 12 }, (_, at) => ({ type: 'view', itemId: `item-${at}`, at: 100 - at }));
      for (const event of events) await storage.appendInteraction(event);
      await storage.keepLatestInteractions(12);
      expect(await storage.listInteractions()).toEqual(events);
      await storage.keepLatestInteractions(5);
      expect(await storage.listInteractions()).toEqual(events.slice(7));
      await storage.appendInteraction(events[0]);
      expect(await storage.listInteractions()).toEqual([...events.slice(7), events[0]]);
      await storage.keepLatestInteractions(0);
      expect(await storage.listInteractions()).toEqual([]);
    });

    it('does not let a caller change what is stored through what it was given', async () => {
      const storage = await open();
      const event = { type: 'view', itemId: 'a', at: 1 };
      const account = { lastRound: 1, contributions: 1 };
      const [hash, bytes] = blobOf('a model');
      const named = [hash];
      const done = Promise.all([
        storage.appendInteraction(event),
        storage.writeRecord('participation', account),
        storage.writeBlob(hash, bytes),
        storage.keepBlobs(named),
      ]);
      event.itemId = 'b';
      account.lastRound = 2;
      named.length = 0;
      await done;
      expect(await storage.readRecord('participation')).toEqual({ lastRound: 1, contributions: 1 });
      expect(await storage.readBlob(hash)).toEqual(bytes);
      const listed = await storage.listInteractions();
      (listed as unknown[]).length = 0;
      expect(await storage.listInteractions()).toEqual([{ type: 'view', itemId: 'a', at: 1 }]);
    });

    it.each(Object.keys(records) as (keyof StorageRecords)[])('keeps the record %s exactly', async (name) => {
      const storage = await open();
      expect(await storage.readRecord(name)).toBeNull();
      await storage.writeRecord(name, records[name]);
      expect(await storage.readRecord(name)).toEqual(records[name]);
      await storage.removeRecord(name);
      await storage.removeRecord(name);
      expect(await storage.readRecord(name)).toBeNull();
    });

    it('replaces a record as a whole', async () => {
      const storage = await open();
      await storage.writeRecord('participation', { lastRound: 1, contributions: 1 });
      await storage.writeRecord('participation', { lastRound: 2, contributions: 1 });
      expect(await storage.readRecord('participation')).toEqual({ lastRound: 2, contributions: 1 });
    });

    it('keeps blobs by hash and drops those that are not named', async () => {
      const storage = await open();
      const [first, firstBytes] = blobOf('first');
      const [second, secondBytes] = blobOf('second');
      expect(await storage.readBlob(first)).toBeNull();
      await storage.writeBlob(first, firstBytes);
      await storage.writeBlob(second, secondBytes);
      await storage.keepBlobs([second]);
      expect(await storage.readBlob(first)).toBeNull();
      expect(await storage.readBlob(second)).toEqual(secondBytes);
    });

    it('gives model parameters back as they were, aligned or not', async () => {
      const storage = await open();
      const values = Float32Array.from({ length: 5000 }, (_, i) => Math.sin(i));
      const bytes = new Uint8Array(values.buffer);
      const hash = createHash('sha256').update(bytes).digest('hex');
      await storage.writeBlob(hash, bytes);
      const read = await storage.readBlob(hash);
      expect(new Float32Array((read as Uint8Array).slice().buffer)).toEqual(values);
    });

    it('refuses every call after close', async () => {
      const storage = await open();
      await storage.close();
      await expect(storage.listInteractions()).rejects.toMatchObject({ code: 'storage-failed' });
      await expect(storage.readRecord('consent')).rejects.toThrow(/closed/);
      await storage.close();
    });
  });
}

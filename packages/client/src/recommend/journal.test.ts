import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../errors/tributary-error.ts';
import { memoryStorage } from '../storage/memory-storage.ts';
import type { Storage, StoredInteraction } from '../storage/storage.ts';
import { catalogue } from './fitted-person.cases.ts';
import { checkEvent, type Journal, keptEvents, openJournal } from './journal.ts';

const film = (index: number, at = index): StoredInteraction => ({ type: 'view', itemId: `film-${index % 20}`, at });

/** Tracks as an app does, by a clock that says what it says. */
async function track(journal: Journal, clock: number, event: object): Promise<void> {
  await journal.add(checkEvent({ type: 'view', ...event }, journal.latestDate(clock)));
}

/** A storage that counts what is asked of it. */
function counted(storage: Storage = memoryStorage()) {
  const calls: Record<string, number> = {};
  const proxy = new Proxy(storage, {
    get(target, name: keyof Storage) {
      calls[name] = (calls[name] ?? 0) + 1;
      return target[name];
    },
  });
  return { calls, storage: proxy };
}

describe('a million events', () => {
  it('leave the latest ones, in memory and in the storage, for a steady price each', async () => {
    const { calls, storage } = counted();
    const journal = await openJournal(storage);
    let largest = 0;
    for (let n = 0; n < 1_000_000; n++) {
      await journal.add(film(n));
      largest = Math.max(largest, journal.size);
    }
    expect(largest).toBeLessThanOrEqual(1.1 * keptEvents);
    expect(journal.size).toBeGreaterThanOrEqual(keptEvents);
    const kept = await storage.listInteractions();
    expect(kept.map(({ at }) => at)).toEqual(Array.from(kept, (_, n) => 1_000_000 - kept.length + n));
    expect(kept).toHaveLength(journal.size);
    // All events are passed over once for every thousand.
    expect(calls['keepLatestInteractions']).toBeLessThanOrEqual(1000);
    expect(calls['listInteractions']).toBe(2);
  });

  it('are as many on disk as in memory when they are tracked all at once, and at the next start', async () => {
    const storage = memoryStorage();
    const journal = await openJournal(storage);
    await Promise.all(Array.from({ length: 2 * keptEvents + 500 }, (_, n) => journal.add(film(n))));
    expect(journal.size).toBe((await storage.listInteractions()).length);
    expect(journal.size).toBeLessThanOrEqual(1.1 * keptEvents);
    expect((await openJournal(storage)).size).toBe(journal.size);
  });

  it('that an earlier version has kept are cut when they are read', async () => {
    const storage = memoryStorage();
    for (let n = 0; n < 2 * keptEvents; n++) await storage.appendInteraction(film(n));
    expect((await openJournal(storage)).size).toBe(keptEvents);
    expect((await storage.listInteractions())[0]).toEqual(film(keptEvents));
  });

  it('never have one number for two sets of events, and take a vector with them that was fitted to as many', async () => {
    const storage = memoryStorage();
    const journal = await openJournal(storage);
    for (let n = 0; n < keptEvents + 100; n++) await journal.add(film(n));
    await storage.writeRecord('privateVector', { version: 'v', interactions: journal.revision, vector: [1] });
    const revisions = new Set([journal.revision]);
    for (let n = 0; n < 1000; n++) {
      await journal.add(film(n));
      revisions.add(journal.revision);
    }
    expect(journal.size).toBe(keptEvents + 100);
    expect(revisions.size).toBe(1001);
    expect(await storage.readRecord('privateVector')).toBeNull();
  });

  it('stay tracked where the oldest cannot be removed', async () => {
    const full = new StorageError('storage-failed', 'the disk is full');
    const storage = { ...memoryStorage(), keepLatestInteractions: () => Promise.reject(full) };
    const journal = await openJournal(storage);
    for (let n = 0; n < keptEvents + 2500; n++) await journal.add(film(n));
    expect(journal.size).toBe(keptEvents + 2500);
    expect(await storage.listInteractions()).toHaveLength(keptEvents + 2500);
  });
});

describe('the order of the events', () => {
  it('is that in which they were tracked, wherever the clock jumps', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -1e13, max: 1e13 }), { minLength: 2, maxLength: 20 }),
        async (jumps) => {
          const journal = await openJournal(memoryStorage());
          for (const [n, clock] of jumps.entries()) await track(journal, clock, { itemId: `film-${n}` });
          expect([...journal.history(catalogue).items]).toEqual(jumps.map((_, n) => n));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is kept over a restart with a clock that was set back', async () => {
    const storage = memoryStorage();
    await track(await openJournal(storage), 9_000_000, { itemId: 'film-3' });
    const later = await openJournal(storage);
    await track(later, 1_000_000, { itemId: 'film-1' });
    expect([...later.history(catalogue).items]).toEqual([3, 1]);
  });

  it('is that of their times where the app gives them, as for a history from elsewhere', async () => {
    const journal = await openJournal(memoryStorage());
    await track(journal, 1000, { itemId: 'film-5' });
    await track(journal, 1001, { itemId: 'film-6', at: 20 });
    await track(journal, 1002, { itemId: 'film-7', at: 10 });
    expect([...journal.history(catalogue).items]).toEqual([7, 6, 5]);
  });

  it('has nothing of the future: what is still to come counts as tracked now, and what follows comes after it', async () => {
    const storage = memoryStorage();
    const journal = await openJournal(storage);
    await track(journal, 1000, { itemId: 'film-5', at: 1e300 });
    await track(journal, 1001, { itemId: 'film-6' });
    expect(await storage.listInteractions()).toMatchObject([{ at: 1000 }, { at: 1001 }]);
    expect([...journal.history(catalogue).items]).toEqual([5, 6]);
  });
});

describe('what is no event', () => {
  const huge = 'x'.repeat(1_000_000);
  it.each([
    ['itemId', { type: 'view', itemId: huge }],
    ['type', { type: huge, itemId: 'film-1' }],
    ['recommendationId', { type: 'view', itemId: 'film-1', recommendationId: huge }],
    ['at', { type: 'view', itemId: 'film-1', at: huge }],
    ['at', { type: 'view', itemId: 'film-1', at: Number.POSITIVE_INFINITY }],
  ])('is refused for its %s, in a message that does not repeat it', (field, event) => {
    const refused = () => checkEvent(event, 1);
    expect(refused).toThrow(expect.objectContaining({ code: 'invalid-event' }));
    expect(refused).toThrow(new RegExp(`^.{1,30}${field}.{1,100}$`));
  });

  it('leaves nothing behind of what an event has beside its own fields', () => {
    const event = { type: 'view', itemId: 'film-1', at: 1, attributes: [huge], note: huge };
    expect(checkEvent(event, 2)).toEqual({ type: 'view', itemId: 'film-1', at: 1 });
  });
});

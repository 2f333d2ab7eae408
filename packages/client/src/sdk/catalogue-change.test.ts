/** A device whose task gets another catalogue: fewer items, more of them, others by name, the same in another order. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TributaryError } from '../errors/tributary-error.ts';
import { memoryStorage } from '../storage/memory-storage.ts';
import type { Storage } from '../storage/storage.ts';
import { type ScriptedCoordinator, scriptedTask, startScriptedCoordinator } from '../testing/scripted-coordinator.ts';
import { until } from '../testing/until.ts';
import { createTributary, type Tributary } from './index.ts';
import type { TributaryOptions } from './options.ts';

let coordinator: ScriptedCoordinator;
let storage: Storage;
const devices: Tributary[] = [];
beforeEach(async () => {
  coordinator = await startScriptedCoordinator();
  // It survives `stop()`, as a folder does.
  storage = { ...memoryStorage(), close: async () => {} };
});
afterEach(async () => {
  await Promise.all(devices.splice(0).map((device) => device.stop()));
  await coordinator.close();
});

async function device(options: Partial<TributaryOptions> = {}) {
  const tributary = await createTributary({
    url: coordinator.url,
    task: scriptedTask,
    consent: 'granted',
    // The scripted coordinator opens what it is sent.
    agreement: { plans: ['sealed'] },
    backoff: { baseMilliseconds: 10, maximumMilliseconds: 50 },
    storage,
    ...options,
  });
  devices.push(tributary);
  const errors: TributaryError[] = [];
  const versions: string[] = [];
  tributary.on('error', (error) => errors.push(error));
  tributary.on('version', ({ hash }) => versions.push(hash));
  return { tributary, errors, versions };
}

const films = (numbers: readonly number[]) => numbers.map((number) => `film-${number}`);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);
const liked = films([1, 4, 9]);
/** film-4 is gone, film-9 has another id, the order is another one, and there are ten more. */
const shuffled = [...films(range(0, 40).filter((n) => n !== 4 && n !== 9)), 'movie-9'].reverse();
/** film-4 is back, film-1 is gone, and there are fewer than ever. */
const shrunk = films([7, 4, 12, 0, 3, 15]);

/** What the device makes of the catalogue that it has: all of it must speak of these items of the person's, and of no other. */
async function holdsTogether(tributary: Tributary, known: readonly string[]): Promise<void> {
  const ids = coordinator.catalogue.map(({ id }) => id);
  const { items, basis } = await tributary.recommend({ count: 1000 });
  expect(basis).toBe(known.length > 0 ? 'history' : 'popularity');
  expect(items.map(({ id }) => id).sort()).toEqual(ids.filter((id) => !known.includes(id)).sort());
  for (const { id, title } of items) expect(title).toBe(id.replace(/^film-/, 'Film '));
  const { score, base, contributions } = await tributary.explain(items[0].id);
  expect(score).toBe(items[0].score);
  expect(contributions.map(({ itemId }) => itemId).sort()).toEqual([...known].sort());
  expect(contributions.reduce((sum, { value }) => sum + value, base)).toBeCloseTo(score, 5);
  for (const id of known) expect((await tributary.whyNot(id)).reasons).toContain('in-history');
  const similar = await tributary.similar(ids[0], { count: 1000 });
  expect(similar.map(({ id }) => id).sort()).toEqual(ids.slice(1).sort());
  expect((await tributary.search(coordinator.catalogue[1].title)).items[0].id).toBe(ids[1]);
  const vector = await storage.readRecord('privateVector');
  expect(vector?.version).toBe(coordinator.version.hash);
}

describe('a running device whose task gets another catalogue', () => {
  it('fits its person anew, uses the events that the catalogue knows, and keeps the others for when their items are back', async () => {
    const { tributary, errors, versions } = await device();
    for (const itemId of liked) await tributary.track({ type: 'view', itemId });
    await until(() => versions.length === 1);
    await holdsTogether(tributary, liked);

    coordinator.changeCatalogue(shuffled, 1);
    coordinator.cut();
    await until(() => versions.length === 2);
    await holdsTogether(tributary, ['film-1']);
    await expect(tributary.track({ type: 'view', itemId: 'film-4' })).rejects.toMatchObject({ code: 'unknown-item' });
    await expect(tributary.similar('film-9')).rejects.toMatchObject({ code: 'unknown-item' });

    coordinator.changeCatalogue(shrunk, 2);
    coordinator.cut();
    await until(() => versions.length === 3);
    await holdsTogether(tributary, ['film-4']);

    coordinator.changeCatalogue(films(range(0, 30)).reverse(), 3);
    coordinator.cut();
    await until(() => versions.length === 4);
    await holdsTogether(tributary, liked);
    expect((await storage.listInteractions()).map(({ itemId }) => itemId)).toEqual(liked);
    expect(errors.filter(({ code }) => code === 'unknown-item').map(({ message }) => message)).toEqual([
      expect.stringMatching(/^2 of 3 tracked events/),
    ]);
  });

  it('works on where the catalogue knows none of its items any more, and takes part again when it does', async () => {
    const { tributary, versions } = await device();
    for (const itemId of liked) await tributary.track({ type: 'view', itemId });
    await until(() => versions.length === 1);
    coordinator.changeCatalogue(films(range(100, 130)), 1);
    coordinator.cut();
    await until(() => versions.length === 2 && tributary.state === 'waiting');
    await holdsTogether(tributary, []);
    expect([...coordinator.devices].some(({ joined }) => joined)).toBe(false);
    coordinator.changeCatalogue(films(range(0, 30)), 2);
    coordinator.cut();
    await until(() => [...coordinator.devices].some(({ joined }) => joined));
    const descriptor = coordinator.descriptor();
    coordinator.notify('invitation', descriptor);
    await until(() => coordinator.uploads.has(descriptor.round));
    await holdsTogether(tributary, liked);
  });

  it.each(['roundEnded', 'taskEnded'] as const)(
    'never binds a model that %s announces to the catalogue of before, though it has as many items',
    async (announcement) => {
      const { tributary, errors, versions } = await device();
      for (const itemId of liked) await tributary.track({ type: 'view', itemId });
      await until(() => tributary.state === 'waiting');
      const version = coordinator.changeCatalogue(films(range(0, 30)).reverse(), 1);
      if (announcement === 'taskEnded') {
        const { authenticate } = coordinator.handlers;
        coordinator.handlers.authenticate = async (content, from) => ({
          ...(await authenticate(content, from)),
          running: false,
        });
        coordinator.notify('taskEnded', { reason: 'all rounds done', version });
        expect(await tributary.finished).toEqual({ outcome: 'ended', reason: 'the task has ended' });
      } else coordinator.notify('roundEnded', { round: 1, outcome: 'closed', reason: '', version });
      await until(() => versions.length === 2);
      expect(versions[1]).toBe(version.hash);
      await holdsTogether(tributary, liked);
      expect(errors).toEqual([]);
    },
  );
});

describe('a device that is started anew', () => {
  it('has the catalogue that it had last, offline too, and says once what the next one does not know', async () => {
    const first = await device();
    for (const itemId of liked) await first.tributary.track({ type: 'view', itemId });
    await until(() => first.versions.length === 1);
    await first.tributary.stop();

    coordinator.changeCatalogue(shuffled, 1);
    const second = await device();
    await until(() => second.versions.length === 1);
    await holdsTogether(second.tributary, ['film-1']);
    expect(second.errors.map(({ code }) => code)).toEqual(['unknown-item']);
    const vector = await storage.readRecord('privateVector');
    await second.tributary.stop();

    const offline = await device({ url: 'http://127.0.0.1:9', autoStart: false });
    await holdsTogether(offline.tributary, ['film-1']);
    // It was not fitted again for what had not changed.
    expect(await storage.readRecord('privateVector')).toEqual(vector);
    expect(offline.errors).toEqual([]);
    await offline.tributary.stop();

    coordinator.changeCatalogue(films(range(0, 30)), 2);
    const third = await device();
    await until(() => third.versions.length === 1);
    await holdsTogether(third.tributary, liked);
    expect(third.errors).toEqual([]);
  });

  it('keeps no blob of the catalogues and models of before', async () => {
    const kept = new Map<string, Uint8Array>();
    const plain = storage;
    storage = {
      ...plain,
      async writeBlob(hash, bytes) {
        kept.set(hash, bytes);
        await plain.writeBlob(hash, bytes);
      },
      async keepBlobs(hashes) {
        for (const hash of kept.keys()) if (!hashes.includes(hash)) kept.delete(hash);
        await plain.keepBlobs(hashes);
      },
    };
    const { versions } = await device();
    await until(() => versions.length === 1);
    coordinator.changeCatalogue(shuffled, 1);
    coordinator.cut();
    await until(() => versions.length === 2);
    coordinator.changeCatalogue(shrunk, 2);
    coordinator.cut();
    await until(() => versions.length === 3);
    expect([...kept.keys()].sort()).toEqual(
      [coordinator.version.parametersHash, coordinator.version.catalogueHash].sort(),
    );
  });
});

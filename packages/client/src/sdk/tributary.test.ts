import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { createIdentity, systemRandom } from '@tributary/privacy';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StorageError } from '../errors/tributary-error.ts';
import { createModelCache } from '../recommend/model-cache.ts';
import { fileStorage } from '../storage/file/file-storage.ts';
import { memoryStorage } from '../storage/memory-storage.ts';
import type { Storage } from '../storage/storage.ts';
import { type ScriptedCoordinator, scriptedTask, startScriptedCoordinator } from '../testing/scripted-coordinator.ts';
import { until } from '../testing/until.ts';
import { createTributary, type Tributary, type TributaryState } from './index.ts';
import type { TributaryOptions } from './options.ts';

let coordinator: ScriptedCoordinator;
const devices: Tributary[] = [];
beforeEach(async () => {
  coordinator = await startScriptedCoordinator();
});
afterEach(async () => {
  await Promise.all(devices.splice(0).map((device) => device.stop()));
  await coordinator.close();
});

async function device(options: Partial<TributaryOptions> = {}): Promise<Tributary> {
  const tributary = await createTributary({
    url: coordinator.url,
    task: scriptedTask,
    // The scripted coordinator opens what it is sent.
    agreement: { plans: ['sealed'] },
    ...options,
  });
  devices.push(tributary);
  return tributary;
}

/** A storage that survives `stop()`, as a folder does. */
function lasting(): Storage {
  return { ...memoryStorage(), close: async () => {} };
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const view = (itemId: string) => ({ type: 'view', itemId });

describe('consent', () => {
  it.each(['pending', 'denied'] as const)('opens not even a connection while it is %s', async (consent) => {
    const tributary = await device({ consent });
    await tributary.track(view('film-1'));
    await expect(tributary.recommend()).rejects.toMatchObject({ code: 'no-model' });
    tributary.start();
    await pause(200);
    expect(coordinator.connections).toBe(0);
    expect(tributary.state).toBe(`consent-${consent}`);
  });

  it('may be given before or after start, before or after the first event', async () => {
    const before = await device({ autoStart: false });
    await before.consent.grant();
    await pause(50);
    expect(coordinator.connections).toBe(0);
    before.start();
    await until(() => before.state === 'waiting');

    const after = await device({ autoStart: false });
    after.start();
    await after.track(view('film-2'));
    expect(after.state).toBe('consent-pending');
    await after.consent.grant();
    await until(() => after.state === 'waiting');
    await until(() => [...coordinator.devices].some((each) => each.joined));
  });

  it('sends nothing more once it is withdrawn, and can be given again', async () => {
    const tributary = await device({ consent: 'granted', agreement: { plans: ['sealed'] } });
    await tributary.track(view('film-1'));
    await until(() => [...coordinator.devices].some((each) => each.joined));
    const { connections } = coordinator;
    const received = coordinator.received.length;
    coordinator.notify('invitation', coordinator.descriptor());
    await tributary.consent.revoke();
    await until(() => coordinator.devices.size === 0);
    await pause(100);
    expect(coordinator.received.length).toBe(received);
    expect(coordinator.connections).toBe(connections);
    expect(tributary.state).toBe('consent-denied');
    await tributary.consent.grant();
    await until(() => tributary.state === 'waiting');
  });

  it('is kept across restarts', async () => {
    const storage = lasting();
    const first = await device({ storage });
    await first.consent.grant();
    await first.stop();
    const second = await device({ storage, consent: 'pending' });
    expect(second.consent.status).toBe('granted');
    await until(() => second.state === 'waiting');
  });
});

describe('track', () => {
  it('keeps events of items that the catalogue may not have until the catalogue is here, and then says how many', async () => {
    const tributary = await device();
    const errors: string[] = [];
    tributary.on('error', ({ code, message }) => errors.push(`${code}: ${message}`));
    await tributary.track(view('film-1'));
    await tributary.track(view('no-such-film'));
    await tributary.consent.grant();
    await until(() => errors.length > 0);
    expect(errors).toEqual([expect.stringMatching(/^unknown-item: 1 of 2 tracked events/)]);
    expect(errors[0]).not.toContain('no-such-film');
    expect((await tributary.recommend()).basis).toBe('history');
  });

  it('refuses unknown items once the catalogue is here, without naming them', async () => {
    const tributary = await device({ consent: 'granted', agreement: { plans: ['sealed'] } });
    await until(() => tributary.state === 'waiting');
    const refusal = tributary.track(view('secret-item'));
    await expect(refusal).rejects.toMatchObject({
      code: 'unknown-item',
      message: expect.not.stringContaining('secret'),
    });
  });

  it.each([
    [null],
    [{}],
    [{ type: 'view' }],
    [{ type: '', itemId: 'a' }],
    [{ type: 'view', itemId: 7 }],
    [{ type: 'view', itemId: 'a', at: Number.NaN }],
    [{ type: 'view', itemId: 'a', recommendationId: 3 }],
    [{ type: 'view', itemId: 'x'.repeat(600) }],
  ])('refuses %j', async (event) => {
    const tributary = await device();
    await expect(tributary.track(event as never)).rejects.toMatchObject({ code: 'invalid-event' });
  });
});

describe('recommend', () => {
  it('waits for the first model, leaves out history and exclusions, and sorts by score', async () => {
    const tributary = await device({ consent: 'granted', agreement: { plans: ['sealed'] } });
    for (const id of ['film-1', 'film-4']) await tributary.track(view(id));
    const { items, recommendationId, basis } = await tributary.recommend({ count: 27, exclude: ['film-2', 'unknown'] });
    expect(basis).toBe('history');
    expect(items).toHaveLength(27);
    expect(items.map(({ id }) => id)).not.toEqual(expect.arrayContaining(['film-1']));
    for (const out of ['film-1', 'film-2', 'film-4']) expect(items.some(({ id }) => id === out)).toBe(false);
    expect(items[0].title).toBe(`Film ${items[0].id.slice(5)}`);
    const scores = items.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    await tributary.track({ type: 'click', itemId: items[0].id, recommendationId });
    expect((await tributary.recommend({ count: 30 })).items.some(({ id }) => id === items[0].id)).toBe(false);
  });

  it('works offline after a restart', async () => {
    const storage = lasting();
    const first = await device({ storage, consent: 'granted', agreement: { plans: ['sealed'] } });
    for (const id of ['film-3', 'film-9']) await first.track(view(id));
    const online = await first.recommend({ count: 5 });
    await first.stop();
    const second = await device({ storage, url: 'http://127.0.0.1:9', autoStart: false });
    const offline = await second.recommend({ count: 5 });
    expect(offline.items).toEqual(online.items);
    expect(offline.recommendationId).not.toBe(online.recommendationId);
  });

  it('does not trust a stored model that was changed', async () => {
    const storage = lasting();
    const first = await device({ storage, consent: 'granted', agreement: { plans: ['sealed'] } });
    await first.recommend();
    await first.stop();
    const record = await storage.readRecord('model');
    // The signature stands before the last field, 'running' (9 bytes).
    const text = record?.description ?? '';
    const at = text.length - 2 * 9 - 2;
    const description = `${text.slice(0, at)}${text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`;
    await storage.writeRecord('model', { description, blobs: record?.blobs ?? [] });
    const second = await device({ storage, autoStart: false });
    await expect(second.recommend()).rejects.toMatchObject({ code: 'no-model' });
  });

  it('says why there is nothing to recommend', async () => {
    const pending = await device();
    await expect(pending.recommend()).rejects.toMatchObject({ message: expect.stringContaining('consent.grant()') });
    const unreachable = await device({ consent: 'granted', url: 'http://127.0.0.1:9' });
    await expect(unreachable.recommend()).rejects.toMatchObject({ code: 'no-model' });
  });

  it.each([{ count: 0 }, { count: 1.5 }, { count: 5000 }, { exclude: 'film-1' }])('refuses %j', async (query) => {
    const tributary = await device();
    await expect(tributary.recommend(query as never)).rejects.toMatchObject({ code: 'invalid-option' });
  });
});

describe('similar, search, explain and whyNot', () => {
  it('work from the model on this device, offline too, and agree with the recommendations', async () => {
    const storage = lasting();
    const first = await device({ storage, consent: 'granted', agreement: { plans: ['sealed'] } });
    for (const id of ['film-3', 'film-9']) await first.track(view(id));
    const { items } = await first.recommend({ count: 28 });
    await first.stop();
    const second = await device({ storage, url: 'http://127.0.0.1:9', autoStart: false });
    const { score, base, contributions } = await second.explain(items[0].id);
    expect(score).toBe(items[0].score);
    expect(contributions.map(({ itemId }) => itemId).sort()).toEqual(['film-3', 'film-9']);
    expect(contributions.reduce((sum, { value }) => sum + value, base)).toBeCloseTo(score, 10);
    expect(await second.whyNot(items[20].id)).toMatchObject({
      reasons: ['below'],
      rank: 21,
      score: items[20].score,
      neededScore: items[9].score,
    });
    expect(await second.similar('film-3', { count: 29 })).toHaveLength(29);
    expect(await second.search('film 17')).toMatchObject({ basis: 'words', items: { 0: { id: 'film-17' } } });
  });

  it('fail as recommend does, where there is no model, no such item, or a query that is none', async () => {
    const pending = await device();
    await expect(pending.search('film')).rejects.toMatchObject({ code: 'no-model' });
    await expect(pending.similar('film-1', { count: 0 })).rejects.toMatchObject({ code: 'invalid-option' });
    await expect(pending.search(7 as never)).rejects.toMatchObject({ code: 'invalid-option' });
    const ready = await device({ consent: 'granted' });
    for (const call of ['explain', 'whyNot', 'similar'] as const) {
      await expect(ready[call]('film-999')).rejects.toMatchObject({ code: 'unknown-item' });
    }
    await ready.stop();
    await expect(ready.explain('film-1')).rejects.toMatchObject({ code: 'stopped' });
  });
});

describe('picks', () => {
  it('leave what is stored as it was', async () => {
    const storage = lasting();
    const tributary = await device({ storage, consent: 'granted', agreement: { plans: ['sealed'] } });
    await tributary.track(view('film-1'));
    await tributary.recommend();
    const kept = async () => [await storage.listInteractions(), await storage.readRecord('privateVector')];
    const before = await kept();
    expect((await tributary.recommend({ likes: ['film-2', 'film-3'], words: 'film 4' })).basis).toBe('history');
    expect(await kept()).toEqual(before);
    await expect(tributary.recommend({ likes: ['film-9999'] })).rejects.toMatchObject({ code: 'unknown-item' });
  });
});

describe('forget', () => {
  it('erases events and the private vector, and keeps consent, model and identity', async () => {
    const storage = lasting();
    const tributary = await device({ storage, consent: 'granted', agreement: { plans: ['sealed'] } });
    await tributary.track(view('film-1'));
    await tributary.recommend();
    expect(await storage.readRecord('privateVector')).not.toBeNull();
    const { deviceId } = tributary;
    await tributary.forget();
    expect(await storage.listInteractions()).toEqual([]);
    expect(await storage.readRecord('privateVector')).toBeNull();
    expect(tributary.deviceId).toBe(deviceId);
    expect((await tributary.recommend()).basis).toBe('popularity');
    await until(() => tributary.state === 'waiting');
    expect([...coordinator.devices].some((each) => each.joined)).toBe(false);
  });

  it('makes a new device of it when the identity goes too', async () => {
    const storage = lasting();
    const account = { lastRound: 7, contributions: 3, uploads: 4 };
    await storage.writeRecord('participation', account);
    const tributary = await device({ storage, consent: 'granted', agreement: { plans: ['sealed'] } });
    await until(() => tributary.state === 'waiting');
    const { deviceId } = tributary;
    await tributary.forget({ identity: true });
    expect(tributary.deviceId).not.toBe(deviceId);
    // The person is the same: what she spent does not come back with another name.
    expect(await storage.readRecord('participation')).toEqual(account);
    await until(() => [...coordinator.devices].some(({ identity }) => identity === tributary.deviceId));
  });
});

describe('wipe', () => {
  it('ends participation at once and leaves nothing of the person in its folder, but what is not its own', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-wipe-'));
    await writeFile(join(folder, 'notes.txt'), 'of somebody else');
    const tributary = await device({ storage: await fileStorage(folder), consent: 'granted' });
    await tributary.track(view('film-1'));
    await tributary.recommend();
    await until(() => [...coordinator.devices].some((each) => each.joined));
    expect((await readdir(folder)).toSorted()).toEqual(expect.arrayContaining(['identity.json', 'privateVector.json']));
    const received = coordinator.received.length;
    coordinator.notify('invitation', coordinator.descriptor());
    // A vector that is just being fitted is not written behind its back.
    const [fitting] = await Promise.allSettled([
      tributary.recommend(),
      tributary.track(view('film-2')),
      tributary.wipe(),
    ]);
    expect(['fulfilled', 'rejected']).toContain(fitting.status);
    await until(() => coordinator.devices.size === 0);
    await pause(100);
    expect(coordinator.received.length).toBe(received);
    expect((await readdir(folder)).toSorted()).toEqual(['blobs', 'notes.txt']);
    expect(await readdir(join(folder, 'blobs'))).toEqual([]);
    expect(tributary.state).toBe('stopped');
    expect(await tributary.finished).toEqual({ outcome: 'stopped' });
    await expect(tributary.recommend()).rejects.toMatchObject({ code: 'stopped' });

    const next = await device({ storage: await fileStorage(folder) });
    expect(next.consent.status).toBe('pending');
    expect(next.deviceId).not.toBe(tributary.deviceId);
    await next.stop();
    await rm(folder, { recursive: true });
  });

  it('ends participation even where something cannot be erased, and says so', async () => {
    const failure = new StorageError('storage-failed', 'the file system is read-only');
    const storage: Storage = { ...memoryStorage(), wipe: () => Promise.reject(failure) };
    const tributary = await device({ storage, consent: 'granted' });
    await until(() => tributary.state === 'waiting');
    await expect(tributary.wipe()).rejects.toBe(failure);
    expect(tributary.state).toBe('stopped');
    await until(() => coordinator.devices.size === 0);
  });
});

describe('many instances in one process', () => {
  it.each(['shared', 'each'] as const)('hold one model with a shared cache, downloads %s', async (downloads) => {
    const modelCache = createModelCache({ downloads });
    const many = await Promise.all(Array.from({ length: 6 }, () => device({ consent: 'granted', modelCache })));
    await Promise.all(many.map((each) => until(() => each.state === 'waiting')));
    const fetched = coordinator.received.filter((name) => name === 'fetch').length;
    expect(fetched).toBe(downloads === 'shared' ? 2 : 12);
    const lists = await Promise.all(many.map((each) => each.recommend({ count: 3 })));
    expect(lists.every(({ items }) => items.length === 3)).toBe(true);
  });

  it('do not lose a shared model when the one that fetches it loses its connection', async () => {
    const modelCache = createModelCache();
    const honest = coordinator.handlers.fetch;
    let first = true;
    coordinator.handlers.fetch = (content, from) => {
      if (first && content.kind === 'model') {
        first = false;
        from.socket.conn.close();
        return new Promise(() => {});
      }
      return honest(content, from);
    };
    const many = await Promise.all(Array.from({ length: 4 }, () => device({ consent: 'granted', modelCache })));
    await Promise.all(many.map((each) => until(() => each.state === 'waiting')));
  });
});

describe('an instance', () => {
  it('reports its states in order, and takes handlers off again', async () => {
    const tributary = await device({ autoStart: false });
    const states: TributaryState[] = [];
    const off = tributary.on('state', ({ state }) => states.push(state));
    tributary.on('state', () => {
      throw new Error('a handler of the host');
    });
    tributary.start();
    await tributary.consent.grant();
    await until(() => tributary.state === 'waiting');
    expect(states).toEqual(['consent-pending', 'connecting', 'waiting']);
    off();
    await tributary.stop();
    expect(states).toHaveLength(3);
    expect(tributary.state).toBe('stopped');
    expect(await tributary.finished).toEqual({ outcome: 'stopped' });
  });

  it('says that it was stopped', async () => {
    const tributary = await device();
    await Promise.all([tributary.stop(), tributary.stop()]);
    for (const call of [
      () => tributary.track(view('film-1')),
      () => tributary.recommend(),
      () => tributary.forget(),
      () => tributary.consent.grant(),
      async () => tributary.start(),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'stopped' });
    }
  });

  it.each([
    [{ url: 'learn.example.com' }, /address without a path/],
    [{ url: 'ftp://learn.example.com' }, /address without a path/],
    [{ url: 'https://learn.example.com/app' }, /address without a path/],
    [{ task: 'My Task' }, /lower-case/],
    [{ consent: 'yes' }, /'pending', 'granted' or 'denied'/],
    [{ coordinatorKey: 'abc' }, /64 hexadecimal/],
    [{ agreement: { minimumCohort: 0 } }, /minimumCohort/],
    [{ backoff: { baseMilliseconds: -1 } }, /backoff/],
    [{ requestTimeoutMilliseconds: 0 }, /above 0/],
  ])('refuses the option %j', async (options, message) => {
    await expect(device(options as never)).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringMatching(message),
    });
  });

  it('refuses a storage that belongs to another task', async () => {
    const storage = lasting();
    await (await device({ storage })).stop();
    await expect(device({ storage, task: 'books' })).rejects.toMatchObject({ code: 'storage-of-another-task' });
  });

  it('keeps its identity across restarts, and takes one from the host', async () => {
    const storage = lasting();
    const first = await device({ storage });
    await first.stop();
    expect((await device({ storage })).deviceId).toBe(first.deviceId);
    const identity = createIdentity(systemRandom);
    expect((await device({ identity })).deviceId).toBe(Buffer.from(identity.publicKey).toString('hex'));
  });

  it('shows no secret and no event, however it is looked at', async () => {
    const storage = memoryStorage();
    const lines: string[] = [];
    const tributary = await device({ storage, consent: 'granted', log: ({ message }) => lines.push(message) });
    await tributary.track(view('film-17'));
    await until(() => tributary.state === 'waiting');
    const secret = (await storage.readRecord('identity'))?.secretKey as string;
    const shown = [JSON.stringify(tributary), inspect(tributary, { depth: 9, showHidden: true }), ...lines].join('\n');
    expect(shown).not.toContain(secret);
    expect(shown).not.toContain('film-17');
  });

  it('leaves nothing running after stop, so that the process ends by itself', async () => {
    const sdk = fileURLToPath(new URL('./index.ts', import.meta.url));
    const script = `
      const { createTributary } = await import(${JSON.stringify(sdk)});
      const tributary = await createTributary({ url: '${coordinator.url}', task: '${scriptedTask}', consent: 'granted', agreement: { plans: ['sealed'] } });
      await tributary.track({ type: 'view', itemId: 'film-1' });
      await tributary.recommend();
      const lost = await createTributary({ url: 'http://127.0.0.1:9', task: '${scriptedTask}', consent: 'granted', agreement: { plans: ['sealed'] } });
      await new Promise((resolve) => setTimeout(resolve, 100));
      await Promise.all([tributary.stop(), lost.stop()]);
      const kinds = process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout|Immediate|Message/.test(kind));
      process.stdout.write(JSON.stringify(kinds));`;
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--conditions=source', '--input-type=module', '-e', script],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    expect(out).toBe('[]');
  });
});

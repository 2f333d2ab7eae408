/** What a coordinator does after, and in the middle of, what goes wrong: nothing is published twice, by halves or uncharged. */
import { dirname } from 'node:path';
import { verifyLedger } from '@tributary/privacy';
import Database from 'libsql';
import { afterEach, describe, expect, it } from 'vitest';
import { type Coordinator, createCoordinator, PortError } from './coordinator.ts';
import { type Ledger, LedgerError, openLedger } from './ledger/ledger.ts';
import { verifyVersion } from './registry/version.ts';
import { openStore } from './store/embedded.ts';
import type { Store } from './store/store.ts';
import { StoreError } from './store/store-error.ts';
import { connectRaw, payloadOf, type RawDevice, sealedTo, upload } from './testing/raw-device.ts';
import { type SmallWorld, smallDocument, smallTask, startSmallWorld } from './testing/small-world.ts';

const population = 'members';
const noise = { mechanism: 'gaussian', noiseMultiplier: 2, delta: 1e-5, budget: 8 };
const charged = (fields: object = {}) =>
  smallDocument({ privacy: { plan: 'sealed', clipNorm: 5, noise: { ...noise, ...fields } }, rounds: 100 });

let world: SmallWorld;
let coordinator: Coordinator | null = null;
afterEach(async () => {
  await coordinator?.close();
  coordinator = null;
  await world.close();
});
/** Another coordinator over the same store. */
const restart = async (store: Store = world.store): Promise<Coordinator> => {
  await (coordinator ?? world.coordinator).close();
  coordinator = await createCoordinator({ store, identity: world.identity });
  return coordinator;
};

const mechanismOf = (noiseMultiplier: number): Parameters<Ledger['charge']>[1] => ({
  event: { mechanism: 'gaussian', noiseMultiplier, sampling: { claim: 'none' }, steps: 1 },
  sensitivity: 5,
  roundedCount: 0,
  minimumCount: 2,
});

/** Two devices that have joined a task. */
async function joined(url: string, task = smallTask): Promise<readonly RawDevice[]> {
  const devices = await Promise.all([connectRaw(url), connectRaw(url)]);
  for (const device of devices) {
    await device.authenticate(task);
    await device.request('join', {});
  }
  return devices;
}

/** Takes part in the next round with both devices. */
async function contribute(devices: readonly RawDevice[]) {
  const [descriptor] = await Promise.all(devices.map((device) => device.next('invitation')));
  const payload = payloadOf(descriptor);
  for (const device of devices) await upload(device, descriptor.round, sealedTo(descriptor, payload));
  return devices[0].next('roundEnded');
}

const kinds = async () => (await world.store.ledger.entries(population)).map(({ body }) => body.kind);
const verified = async () => verifyLedger(await world.store.ledger.entries(population), world.identity.publicKey);

describe('a coordinator that starts', () => {
  it('abandons the round that was open, keeps its charge, and opens the next by itself', async () => {
    world = await startSmallWorld(charged());
    const { store, identity } = world;
    const [{ version }] = await store.versions(smallTask);
    // Killed between the charge and the publication.
    await world.coordinator.close();
    const open = { reason: '', invited: 2, contributions: 2, openedAt: 1, endedAt: null, version: null, metrics: null };
    await store.openRound({ task: smallTask, round: 1, outcome: 'open', bytesReceived: 0, engine: null, ...open });
    const ledger = await openLedger({ port: store.ledger, population, ...noise, signer: identity, now: Date.now });
    await ledger.charge(
      { task: smallTask, round: 1, modelVersion: version.hash, roundHash: 'ab'.repeat(32) },
      mechanismOf(noise.noiseMultiplier),
    );
    const spent = await ledger.spend();

    const { url } = await restart();
    expect(await kinds()).toEqual(['open', 'charge', 'abandoned']);
    expect(await ledger.spend()).toEqual(spent);
    const [round] = await store.rounds(smallTask, 5);
    expect(round).toMatchObject({ round: 1, outcome: 'abandoned', reason: expect.stringMatching(/stopped while/) });
    expect((await store.task(smallTask))?.currentVersion).toBe(version.hash);

    const ended = await contribute(await joined(url));
    expect(ended).toMatchObject({ outcome: 'closed', round: 2 });
    expect(await kinds()).toEqual(['open', 'charge', 'abandoned', 'charge', 'released']);
    expect(await verified()).toMatchObject({ ok: true });
    expect((await ledger.spend()).epsilon).toBeGreaterThan(spent.epsilon);
  });

  it.each(['running', 'paused'] as const)(
    'completes a %s task whose rounds are all done, and opens no further',
    async (status) => {
      world = await startSmallWorld(smallDocument({ ...charged(), rounds: 1 }));
      const { store } = world;
      await contribute(await joined(world.coordinator.url));
      await world.coordinator.close();
      expect(await store.task(smallTask)).toMatchObject({ status: 'completed', closedRounds: 1 });
      // Killed after the publication and before the task was marked.
      await store.setTaskStatus(smallTask, status, '');
      const written = await kinds();

      const { url } = await restart();
      expect(await store.task(smallTask)).toMatchObject({ status: 'completed', reason: 'all 1 rounds are done' });
      await expect(joined(url)).rejects.toMatchObject({ code: 'out-of-phase' });
      expect(await store.rounds(smallTask, 5)).toHaveLength(1);
      expect(await kinds()).toEqual(written);
    },
  );

  it('does not trust a ledger that was edited in the store, and names the entry', async () => {
    world = await startSmallWorld(charged());
    await contribute(await joined(world.coordinator.url));
    await world.coordinator.close();
    await world.store.close();
    // The charge is made out for sixteen times the noise: as if less had been spent.
    const database = new Database(world.store.location);
    const edit = 'UPDATE ledger_entry SET entry = replace(entry, \'"noiseMultiplier":2\', \'"noiseMultiplier":32\')';
    expect(database.prepare(edit).run().changes).toBeGreaterThan(1);
    database.close();
    const store = await openStore(dirname(world.store.location));
    const trusting = createCoordinator({ store, identity: world.identity });
    await expect(trusting).rejects.toThrow(LedgerError);
    await expect(trusting).rejects.toThrow(/population 'members' is not to be trusted: entry 1 /);
    await store.close();
  });

  it('says that the port is in use, and what to do', async () => {
    world = await startSmallWorld();
    const other = createCoordinator({ store: world.store, identity: world.identity, port: world.coordinator.port });
    await expect(other).rejects.toThrow(PortError);
    await expect(other).rejects.toThrow(/in use by another program. Stop it, or choose another port/);
  });
});

describe('a failure of the store', () => {
  it('at the publication pauses the task with nothing published; a restart goes on', async () => {
    world = await startSmallWorld(charged());
    let failing = true;
    const store: Store = {
      ...world.store,
      publish(publication) {
        if (failing) return Promise.reject(new StoreError('full', 'The store cannot grow: the disk is full.'));
        return world.store.publish(publication);
      },
    };
    const first = await restart(store);
    const changes: string[] = [];
    const paused = new Promise<void>((resolve) =>
      first.on('task', ({ status, reason }) => {
        changes.push(`${status}: ${reason}`);
        resolve();
      }),
    );
    const devices = await joined(first.url);
    const [descriptor] = await Promise.all(devices.map((device) => device.next('invitation')));
    const payload = payloadOf(descriptor);
    for (const device of devices) await upload(device, descriptor.round, sealedTo(descriptor, payload));
    await paused;
    expect(changes).toEqual(['paused: The store cannot grow: the disk is full.']);
    expect(await world.store.versions(smallTask)).toHaveLength(1);
    expect(await kinds()).toEqual(['open', 'charge']);

    failing = false;
    const { url } = await restart(store);
    expect(await contribute(await joined(url))).toMatchObject({ outcome: 'closed', round: 2 });
    expect(await kinds()).toEqual(['open', 'charge', 'abandoned', 'charge', 'released']);
    expect(await verified()).toMatchObject({ ok: true });
  });
});

describe('a budget', () => {
  it('that is spent ends the task: the refusal is written, nothing is released, devices are told', async () => {
    // One release of z = 2 costs about 2.0 at 1e-5, two about 3.0 (by privacy loss distributions).
    world = await startSmallWorld(charged({ budget: 2.5 }));
    const devices = await joined(world.coordinator.url);
    expect(await contribute(devices)).toMatchObject({ outcome: 'closed' });
    const refused = await contribute(devices);
    expect(refused).toMatchObject({ outcome: 'abandoned', version: null });
    expect(refused.reason).toMatch(/budget is 2.5/);
    expect(await devices[0].next('taskEnded')).toMatchObject({ reason: refused.reason });
    expect(await world.store.task(smallTask)).toMatchObject({ status: 'budget-spent', closedRounds: 1 });
    expect(await kinds()).toEqual(['open', 'charge', 'released', 'refused']);
    expect(await verified()).toMatchObject({ ok: true });
    const versions = await world.store.versions(smallTask);
    expect(versions.map(({ version }) => version.epsilon === 0)).toEqual([true, false]);
    await restart();
    expect(await world.store.task(smallTask)).toMatchObject({ status: 'budget-spent' });
  });

  it('is shared by the tasks of a population: one that writes the ledger first does not stop the other', async () => {
    world = await startSmallWorld(charged({ budget: 100 }));
    const { store, identity } = world;
    const rival = await openLedger({
      port: store.ledger,
      population,
      delta: noise.delta,
      budget: 100,
      signer: identity,
      now: Date.now,
    });
    const subject = { task: 'books', round: 1, modelVersion: 'cd'.repeat(32), roundHash: 'ef'.repeat(32) };
    let publications = 0;
    const { url } = await restart({
      ...store,
      async publish(publication) {
        publications += 1;
        // Between the making of the entry and its transaction.
        if (publications === 1) await rival.charge(subject, mechanismOf(noise.noiseMultiplier));
        return store.publish(publication);
      },
    });
    expect(await contribute(await joined(url))).toMatchObject({ outcome: 'closed' });
    expect(publications).toBe(2);
    await rival.released(subject, 'cd'.repeat(32));
    expect(await kinds()).toEqual(['open', 'charge', 'charge', 'released', 'released']);
    expect(await verified()).toMatchObject({ ok: true });
    for (const { version } of await store.versions(smallTask))
      expect(verifyVersion(version, identity.publicKey)).toBeNull();
  });
});

describe('an operator', () => {
  it('who rolls back while devices train gets a new version with the old parameters, and rounds go on from it', async () => {
    world = await startSmallWorld(smallDocument({ rounds: 3 }));
    const devices = await joined(world.coordinator.url);
    await contribute(devices);
    const [first] = await world.store.versions(smallTask);
    const interrupted = await devices[0].next('invitation');
    const restored = await world.coordinator.rollback(smallTask, first.version.hash);
    expect(restored.parametersHash).toBe(first.version.parametersHash);
    expect(await devices[0].next('roundEnded')).toMatchObject({ outcome: 'abandoned', round: interrupted.round });
    const next = await devices[0].next('invitation');
    expect(next).toMatchObject({ modelVersion: restored.hash, round: interrupted.round + 1 });
    const names = (await world.store.versions(smallTask)).map(({ origin }) => origin);
    expect(names).toEqual(['initial', 'round', 'rollback']);
  });

  it('who stops a task during a release loses nothing of it', async () => {
    world = await startSmallWorld();
    const devices = await joined(world.coordinator.url);
    const stopped = new Promise<void>((resolve) => {
      world.coordinator.on('round', ({ phase }) => {
        if (phase === 'releasing') void world.coordinator.stopTask(smallTask, 'enough').then(() => resolve());
      });
    });
    await contribute(devices);
    await stopped;
    const [round] = await world.store.rounds(smallTask, 1);
    expect(round).toMatchObject({ outcome: 'closed' });
    const record = await world.store.task(smallTask);
    expect(record).toMatchObject({
      status: 'stopped',
      reason: 'enough',
      closedRounds: 1,
      currentVersion: round.version,
    });
  });
});

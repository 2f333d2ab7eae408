/** A task through failures and its operator's commands, over real sockets and a real store. */
import { afterEach, describe, expect, it } from 'vitest';
import { type Coordinator, createCoordinator } from '../coordinator.ts';
import type { Store } from '../store/store.ts';
import { payloadOf, type RawDevice, sealedTo, upload } from '../testing/raw-device.ts';
import { type SmallWorld, smallDocument, smallTask, startSmallWorld } from '../testing/small-world.ts';

let world: SmallWorld;
let second: Coordinator | null = null;
afterEach(async () => {
  await second?.close();
  second = null;
  await world.close();
});

const foreignMessage = 'ENOENT: member-4711 in a-place-of-somebody';
/** The store, whose next publication fails with an error that is not its own. */
function failingOnce(store: Store): Store {
  let failing = true;
  return {
    ...store,
    publish(publication) {
      if (!failing) return store.publish(publication);
      failing = false;
      return Promise.reject(new Error(foreignMessage));
    },
  };
}

const joined = async (): Promise<readonly RawDevice[]> => {
  const devices = [await world.device(), await world.device()];
  for (const device of devices) await device.request('join', {});
  return devices;
};

/** Takes part in the next round with all devices; how it ended. */
async function contribute(devices: readonly RawDevice[], fill?: (vector: Float32Array) => void) {
  const [descriptor] = await Promise.all(devices.map((device) => device.next('invitation')));
  const payload = payloadOf(descriptor, fill);
  for (const device of devices) await upload(device, descriptor.round, sealedTo(descriptor, payload));
  const [ended] = await Promise.all(devices.map((device) => device.next('roundEnded')));
  return ended;
}

const statusOf = async () => (await world.store.task(smallTask))?.status;
const paused = () => expect.poll(statusOf).toBe('paused');
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a publication that fails', () => {
  it('pauses the task, tells the devices, and shows nobody a message that is not our own', async () => {
    const failures: unknown[] = [];
    world = await startSmallWorld(undefined, { seenAs: failingOnce, onFailure: (error) => failures.push(error) });
    const devices = await joined();
    const ended = await contribute(devices);
    expect(ended).toMatchObject({ outcome: 'abandoned', version: null });
    expect(ended.reason).toMatch(/unexpected failure/);
    await paused();
    expect(failures).toEqual([expect.objectContaining({ message: foreignMessage })]);
    await expect.poll(async () => (await world.store.rounds(smallTask, 5))[0].outcome).toBe('abandoned');
    for (const page of ['/tasks', `/tasks/${smallTask}`, `/tasks/${smallTask}/rounds`, '/metrics']) {
      const response = await fetch(world.coordinator.url + page);
      expect(response.status).toBe(200);
      expect(await response.text()).not.toMatch(/ENOENT|4711|somebody/);
    }
    const page = (await (await fetch(`${world.coordinator.url}/tasks/${smallTask}`)).json()) as object;
    expect(page).toMatchObject({ status: 'paused', reason: ended.reason });
    // Paused, not ended: a device is to ask again.
    await expect(devices[0].request('join', {})).rejects.toMatchObject({ code: 'busy' });
  });
});

describe('a paused task', () => {
  it('that is stopped is stopped, and stays so after a restart', async () => {
    world = await startSmallWorld(undefined, { seenAs: failingOnce });
    const devices = await joined();
    await contribute(devices);
    await paused();
    expect(await world.coordinator.stopTask(smallTask, 'enough')).toBe(true);
    expect(await devices[0].next('taskEnded')).toMatchObject({ reason: 'enough' });
    const stopped = { status: 'stopped', reason: 'enough' };
    expect(await world.store.task(smallTask)).toMatchObject(stopped);
    await world.coordinator.close();
    second = await createCoordinator({ store: world.store, identity: world.identity });
    expect(await world.store.task(smallTask)).toMatchObject(stopped);
  });
});

describe('a step that is not finite', () => {
  // Weights so small that their sum turns any delta into infinity.
  const overflow = (vector: Float32Array) => {
    vector[0] = 1;
    vector[vector.length - 1] = 2 ** -149;
  };

  it('costs its round; three one after the other pause the task', async () => {
    const local = {
      epochs: 1,
      reconstructionEpochs: 1,
      batchSize: 16,
      learningRate: 0.1,
      privateLearningRate: 0.1,
      negativesPerPositive: 1,
      regularisation: 0,
    };
    const model = { kind: 'matrix-factorisation', dimension: 4 };
    world = await startSmallWorld(smallDocument({ model, training: { local }, rounds: 100 }));
    const devices = await joined();
    const abandoned = { outcome: 'abandoned', reason: expect.stringMatching(/the step was not finite/) };
    expect(await contribute(devices, overflow)).toMatchObject(abandoned);
    expect(await contribute(devices)).toMatchObject({ outcome: 'closed' });
    expect(await contribute(devices, overflow)).toMatchObject(abandoned);
    expect(await contribute(devices, overflow)).toMatchObject(abandoned);
    expect(await statusOf()).toBe('running');
    expect(await contribute(devices, overflow)).toMatchObject(abandoned);
    await paused();
    expect(await world.store.versions(smallTask)).toHaveLength(2);
  });
});

describe('a rollback', () => {
  it('abandons a round that is being opened meanwhile: nobody is invited to the old version', async () => {
    let open = () => {};
    const held = new Promise<void>((resolve) => {
      open = resolve;
    });
    let opening = () => {};
    const begun = new Promise<void>((resolve) => {
      opening = resolve;
    });
    world = await startSmallWorld(undefined, {
      seenAs: (store) => ({
        ...store,
        async openRound(round) {
          opening();
          await held;
          await store.openRound(round);
        },
      }),
    });
    const devices = await joined();
    await begun;
    const [{ version }] = await world.store.versions(smallTask);
    const restoring = world.coordinator.rollback(smallTask, version.hash);
    // The rollback waits for the store, which holds the round back.
    for (let i = 0; i < 5; i++) await turn();
    open();
    const restored = await restoring;
    expect(restored.parent).toBe(version.hash);
    expect(await devices[0].next('invitation')).toMatchObject({ round: 2, modelVersion: restored.hash });
    const rounds = await world.store.rounds(smallTask, 5);
    expect(rounds.map(({ round, outcome }) => [round, outcome])).toEqual([
      [2, 'open'],
      [1, 'abandoned'],
    ]);
  });

  it('to a version that there is not costs nobody the open round', async () => {
    world = await startSmallWorld();
    const { devices, descriptor } = await world.invited(2);
    await expect(world.coordinator.rollback(smallTask, 'f'.repeat(64))).rejects.toMatchObject({
      name: 'RegistryError',
      code: 'unknown-version',
    });
    const payload = payloadOf(descriptor);
    for (const device of devices) await upload(device, descriptor.round, sealedTo(descriptor, payload));
    expect(await devices[0].next('roundEnded')).toMatchObject({ round: descriptor.round, outcome: 'closed' });
  });
});

describe('a device that lost its connection before it was invited', () => {
  it('is shown the invitation when it comes back, and contributes', async () => {
    world = await startSmallWorld(
      smallDocument({
        cohort: { target: 2, minimum: 2, overSelection: 1, selectionSeconds: 30, collectionSeconds: 30 },
      }),
    );
    const { devices, descriptor } = await world.invited(2);
    const [lost, other] = devices;
    lost.close();
    await expect.poll(() => world.coordinator.view(smallTask)?.connected).toBe(1);
    const back = await world.device(lost.identity);
    await back.request('join', {});
    expect(await back.next('invitation')).toEqual(descriptor);
    const payload = payloadOf(descriptor);
    for (const device of [back, other]) await upload(device, descriptor.round, sealedTo(descriptor, payload));
    expect(await back.next('roundEnded')).toMatchObject({ round: descriptor.round, outcome: 'closed' });
  });
});

describe('an event handler that throws', () => {
  it('stops neither the round nor the process, and is told of as a failure', async () => {
    const failures: unknown[] = [];
    world = await startSmallWorld(smallDocument({ rounds: 1 }), { onFailure: (error) => failures.push(error) });
    const { coordinator } = world;
    const seen: string[] = [];
    for (const event of ['round', 'version', 'task'] as const) {
      coordinator.on(event, () => {
        throw new Error(`the ${event} handler is broken`);
      });
      coordinator.on(event, () => seen.push(event));
    }
    expect(await contribute(await joined())).toMatchObject({ outcome: 'closed' });
    await expect.poll(statusOf).toBe('completed');
    await expect.poll(() => new Set(seen)).toEqual(new Set(['round', 'version', 'task']));
    const told = new Set(failures.map((error) => (error as Error).message));
    expect(told).toEqual(new Set(['round', 'version', 'task'].map((event) => `the ${event} handler is broken`)));
  });
});

/** A device in secure rounds, over sockets that are cut. */
import { findGraph, inDegreeCap } from '@tributary/privacy';
import { RefusalError, type RequestName } from '@tributary/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryStorage } from '../storage/memory-storage.ts';
import { createPeers } from '../testing/secure-peers.ts';
import { expectHonestPart, peers, type SecureWorld, startSecureWorld } from '../testing/secure-world.ts';
import { until } from '../testing/until.ts';

let world: SecureWorld;
beforeEach(async () => {
  world = await startSecureWorld();
});
afterEach(() => world.close());

describe('a secure round', () => {
  it('ends with the sum of all, in which the clipped contribution of the device is', async () => {
    const storage = memoryStorage();
    const { tributary, rounds, phases, errors, run } = await world.device({ storage });
    const states: string[] = [];
    tributary.on('state', ({ state }) => states.push(state));
    const round = run();
    await until(() => round.opened !== null && phases().at(-1) === 'revealed');
    expectHonestPart(round);
    expect(errors).toEqual([]);
    expect(states).toEqual(['training', 'uploading', 'waiting']);
    expect(phases().filter((phase) => phase !== 'downloading' && phase !== 'training')).toEqual([
      'invited',
      'keying',
      'sharing',
      'masking',
      'uploading',
      'uploaded',
      'unmasking',
      'revealed',
    ]);
    expect(rounds[0]).toEqual({ round: round.descriptor.round, phase: 'invited', plan: 'secure' });
    expect(rounds.find(({ phase }) => phase === 'sharing')?.secure).toEqual({
      cohort: 24,
      neighbours: 23,
      threshold: 17,
    });
    expect(await storage.readRecord('participation')).toMatchObject({
      lastRound: round.descriptor.round,
      contributions: 1,
      uploads: 1,
    });
    const record = await storage.readRecord('secureParticipation');
    expect(record?.versions).toEqual([{ version: world.coordinator.version.hash, contributions: 1 }]);
    expect(record?.answered.map(({ what }) => what)).toEqual(['acknowledged', 'revealed']);
  });

  it('has neighbours that the device draws itself, where there are many', async () => {
    const n = 50;
    const graph = findGraph(n, { corrupt: 0.05, dropout: 0.1 });
    if (!graph) throw new Error('fifty devices have a graph');
    const { degree, threshold } = graph;
    const { rounds, errors, phases, run } = await world.device();
    const round = run({
      peers: createPeers(n - 1),
      secure: { degree, threshold, inDegreeCap: inDegreeCap(n, degree) },
    });
    await until(() => round.opened !== null && phases().at(-1) === 'revealed');
    expectHonestPart(round);
    expect(errors).toEqual([]);
    expect(round.sent.get('neighbours')).toHaveLength(1);
    expect(rounds.at(-2)?.secure).toEqual({ cohort: n, neighbours: degree, threshold });
  });

  it.each(
    (['keys', 'shares', 'uploadOpen', 'uploadChunk', 'uploadClose', 'acknowledge', 'reveal'] as const).flatMap(
      (request) => (['before', 'after'] as const).map((when) => [when, request] as const),
    ),
  )('goes on when the connection is cut %s %s takes effect, with the same bytes', async (when, request) => {
    const { errors, phases, run } = await world.device();
    const round = run({ cut: { request, when } });
    await until(() => round.opened !== null);
    expectHonestPart(round);
    expect(errors.filter(({ code }) => code !== 'connection')).toEqual([]);
    expect(phases().filter((phase) => phase === 'training')).toHaveLength(1);
    for (const [name, all] of round.sent) {
      for (const bytes of all) expect(Buffer.compare(bytes, all[0]), name).toBe(0);
    }
    const again = round.sent.get(request as RequestName)?.length ?? 0;
    if (when === 'before') expect(again).toBeGreaterThan(1);
  });

  it('is written down before what follows from it is said', async () => {
    const memory = memoryStorage();
    const storage = {
      ...memory,
      // As slow as a disk.
      async writeRecord(...[name, value]: Parameters<typeof memory.writeRecord>) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        await memory.writeRecord(name, value);
      },
    };
    const { run } = await world.device({ storage: storage as typeof memory });
    const known: Promise<unknown>[] = [];
    const round = run({
      onRequest(name) {
        const record = Promise.all([memory.readRecord('participation'), memory.readRecord('secureParticipation')]);
        known.push(
          record.then(([participation, secure]) => [
            name,
            participation?.lastRound,
            secure?.versions.map(({ contributions }) => contributions) ?? [],
            secure?.answered.map(({ what }) => what) ?? [],
          ]),
        );
      },
    });
    await until(() => round.opened !== null);
    const { round: number } = round.descriptor;
    expect(await Promise.all(known)).toEqual([
      ['keys', number, [], []],
      ['shares', number, [], []],
      ['uploadOpen', number, [1], []],
      ['uploadChunk', number, [1], []],
      ['uploadClose', number, [1], []],
      ['acknowledge', number, [1], ['acknowledged']],
      ['reveal', number, [1], ['acknowledged', 'revealed']],
    ]);
  });

  it('is not answered twice by a device whose storage says that it has answered', async () => {
    const storage = memoryStorage();
    const { errors, run } = await world.device({ storage });
    const round = run({
      toDevice(message) {
        if (message.name !== 'survivors') return [message];
        // As a second process with the same storage would have left it.
        const rosterHash = Buffer.from(round.server.rosterHash as Uint8Array).toString('hex');
        storage.readRecord('secureParticipation').then(async (record) => {
          if (record === null) throw new Error('the upload is written down');
          await storage.writeRecord('secureParticipation', {
            ...record,
            answered: [{ rosterHash, what: 'acknowledged' }],
          });
          round.show(message);
        });
        return [];
      },
    });
    await until(() => world.coordinator.declines.length > 0);
    expect(errors).toMatchObject([
      { code: 'unsafe-round', message: expect.stringMatching(/acknowledged this roster/) },
    ]);
    expect(round.sent.has('acknowledge')).toBe(false);
  });

  it('takes up the download of its model again on the next connection', async () => {
    const { errors, phases, run } = await world.device();
    const parameters = new Float32Array(world.coordinator.version.parameterBytes / 4).fill(0.1);
    const version = world.coordinator.publish(parameters, 1);
    world.coordinator.notify('roundEnded', { round: 0, outcome: 'closed', reason: '', version });
    const honest = world.coordinator.handlers.fetch;
    let fetched = 0;
    world.coordinator.handlers.fetch = (content, from) => {
      if (++fetched > 1) return honest(content, from);
      world.coordinator.cut();
      throw new RefusalError('internal', 'The connection is cut.');
    };
    const round = run();
    await until(() => round.opened !== null && phases().at(-1) === 'revealed');
    expectHonestPart(round);
    expect(fetched).toBeGreaterThan(1);
    expect(errors.filter(({ code }) => code !== 'connection')).toEqual([]);
  });

  it('is left as soon as the device cannot train, before others count on it', async () => {
    const { errors, run } = await world.device();
    const parameters = new Float32Array(world.coordinator.version.parameterBytes / 4).fill(Number.NaN);
    const version = world.coordinator.publish(parameters, 1);
    world.coordinator.notify('roundEnded', { round: 0, outcome: 'closed', reason: '', version });
    const round = run({ toDevice: () => [] });
    await until(() => world.coordinator.declines.length > 0);
    expect(world.coordinator.declines).toEqual([{ round: round.descriptor.round, reason: 'unable' }]);
    expect(errors).toMatchObject([{ code: 'training' }]);
    expect(round.sent.has('shares')).toBe(false);
  });

  it('is left when consent is withdrawn, with nothing more said', async () => {
    const { tributary, run } = await world.device();
    const round = run({ toDevice: (message) => (message.name === 'survivors' ? [] : [message]) });
    await until(() => round.vector !== null && round.server.phase === 'acknowledgements');
    await tributary.consent.revoke();
    const before = world.coordinator.received.length;
    for (const message of round.shown()) round.show(message);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(world.coordinator.received.length).toBe(before);
    expect(round.sent.has('acknowledge')).toBe(false);
  });

  it('is left for good by a restart of the app, which has none of its keys', async () => {
    const storage = { ...memoryStorage(), close: async () => {} };
    const first = await world.device({ storage });
    const round = first.run({ toDevice: () => [] });
    await until(() => round.server.phase === 'shares');
    await first.tributary.stop();
    const second = await world.device({ storage });
    world.coordinator.notify('invitation', round.descriptor);
    await until(() => second.errors.length > 0);
    expect(second.errors[0]).toMatchObject({ code: 'policy', message: expect.stringMatching(/must rise/) });
    expect(round.sent.get('keys')).toHaveLength(1);
  });

  it('is forgotten when the coordinator says that it has ended', async () => {
    const { phases, run } = await world.device();
    const round = run({ toDevice: () => [] });
    await until(() => round.server.phase === 'shares');
    world.coordinator.notify('roundEnded', {
      round: round.descriptor.round,
      outcome: 'abandoned',
      reason: 'too few',
      version: null,
    });
    await until(() => phases().at(-1) === 'abandoned');
    for (const message of round.shown()) round.show(message);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(round.sent.has('shares')).toBe(false);
    expect(phases()).toContain('missed');
  });

  it('counts whom the device has met where identities are known at first use', async () => {
    const { rounds, run, phases } = await world.device({ agreement: { secure: { identities: ['first-use'] } } });
    const met = () => rounds.filter(({ secure }) => secure).map(({ secure }) => secure?.met);
    const first = run({ log: null });
    await until(() => first.opened !== null && phases().at(-1) === 'revealed');
    expect(new Set(met())).toEqual(new Set([0]));
    world.coordinator.publish(new Float32Array(world.coordinator.version.parameterBytes / 4).fill(0.5), 1);
    world.coordinator.notify('roundEnded', {
      round: first.descriptor.round,
      outcome: 'closed',
      reason: '',
      version: world.coordinator.version,
    });
    const second = run({ log: null, peers: [...peers.slice(3), ...createPeers(3)] });
    await until(() => second.opened !== null);
    expect(met().at(-1)).toBe(20);
  });
});

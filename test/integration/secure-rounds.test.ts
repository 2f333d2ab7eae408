/** Secure aggregation between the SDK and the real coordinator over real sockets. */
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../packages/client/src/testing/until.ts';
import { startProxy, startWorld, task, taskDocument, type World } from './client-world.ts';

let world: World;
afterEach(() => world.close());

const cohort = {
  target: 24,
  minimum: 20,
  overSelection: 1,
  selectionSeconds: 20,
  collectionSeconds: 20,
  phaseSeconds: 10,
};
const secure = (fields: object = {}) =>
  taskDocument({ rounds: 2, cohort, privacy: { plan: 'secure', clipNorm: 5 }, ...fields });
const devicesOf = (count: number) => Promise.all(Array.from({ length: count }, () => world.device()));

describe('devices and a coordinator under secure aggregation', () => {
  it('complete a task of two rounds, twenty-four together', async () => {
    world = await startWorld(secure());
    const devices = await devicesOf(24);
    for (const { tributary } of devices) tributary.start();
    for (const { tributary } of devices) expect(await tributary.finished).toMatchObject({ outcome: 'ended' });
    expect(devices.flatMap(({ errors }) => errors)).toEqual([]);
    const rounds = await world.store.rounds(task, 100);
    expect(rounds.map(({ outcome, contributions }) => [outcome, contributions])).toEqual([
      ['closed', 24],
      ['closed', 24],
    ]);
    const phases = devices[3].rounds.filter(({ round }) => round === 1).map(({ phase }) => phase);
    expect(phases.filter((phase) => phase !== 'downloading' && phase !== 'training')).toEqual([
      'invited',
      'keying',
      'sharing',
      'masking',
      'uploading',
      'uploaded',
      'unmasking',
      'revealed',
      'closed',
    ]);
    // Up to 200 devices everybody is everybody's neighbour; a threshold between (n - 1 + c) / 2 and n - 1 - dd.
    const shown = devices[3].rounds.find(({ secure: graph }) => graph)?.secure;
    expect(shown).toEqual({ cohort: 24, neighbours: 23, threshold: 17 });
    expect(rounds[0].metrics).not.toBeNull();
    expect(world.failures).toEqual([]);
    const { items } = await devices[0].tributary.recommend({ count: 5 });
    expect(new Set(items.map(({ score }) => score)).size).toBeGreaterThan(1);
  });

  it('go on without devices that are lost in the middle of a round', async () => {
    world = await startWorld(secure({ rounds: 1, cohort: { ...cohort, phaseSeconds: 8, collectionSeconds: 8 } }));
    const devices = await devicesOf(24);
    const lost = { 3: 'sharing', 11: 'uploading' } as const;
    for (const [index, phase] of Object.entries(lost)) {
      const { tributary } = devices[Number(index)];
      tributary.on('round', (event) => {
        if (event.phase === phase) void tributary.stop();
      });
    }
    for (const { tributary } of devices) tributary.start();
    for (const [index, { tributary }] of devices.entries()) {
      if (!(index in lost)) expect(await tributary.finished).toMatchObject({ outcome: 'ended' });
    }
    const [round] = await world.store.rounds(task, 100);
    expect(round.outcome).toBe('closed');
    expect(round.contributions).toBeGreaterThanOrEqual(22);
    expect(round.contributions).toBeLessThan(24);
  });

  it.each(['keying', 'sharing', 'uploading', 'unmasking'] as const)(
    'take back a device whose connection is cut while %s',
    async (phase) => {
      world = await startWorld(secure({ rounds: 1 }));
      const proxy = await startProxy(world.url);
      const cutOff = await world.device({ url: proxy.url });
      const others = await devicesOf(23);
      let cuts = 0;
      cutOff.tributary.on('round', (event) => {
        if (event.phase === phase && cuts++ === 0) proxy.cutAfter('up', 0);
      });
      for (const { tributary } of [cutOff, ...others]) tributary.start();
      expect(await cutOff.tributary.finished).toMatchObject({ outcome: 'ended' });
      expect(proxy.cuts()).toBe(1);
      const [round] = await world.store.rounds(task, 100);
      expect(round).toMatchObject({ outcome: 'closed', contributions: 24 });
      expect(cutOff.rounds.filter((event) => event.phase === 'training')).toHaveLength(1);
      expect(cutOff.errors.filter((error) => !error.startsWith('connection'))).toEqual([]);
      await proxy.close();
    },
  );

  it('abandon a round with too few, and a device does not contribute to one version twice', async () => {
    world = await startWorld(
      secure({ rounds: 1, cohort: { ...cohort, minimum: 24, phaseSeconds: 6, collectionSeconds: 6 } }),
    );
    const devices = await devicesOf(24);
    const { tributary: lost } = devices[5];
    lost.on('round', ({ phase }) => {
      if (phase === 'uploading') void lost.stop();
    });
    for (const { tributary } of devices) tributary.start();
    await until(() => devices[0].rounds.some(({ phase }) => phase === 'abandoned'));
    // The next round is about the same version: those that uploaded decline it.
    const late = await world.device();
    late.tributary.start();
    await until(() => devices[0].errors.some((error) => /^policy: .*contributed to model version/.test(error)));
    const rounds = await world.store.rounds(task, 100);
    expect(rounds.find(({ round }) => round === 1)).toMatchObject({ outcome: 'abandoned', version: null });
  });
});

/** A device whose clock is hours off, and set while it is at work. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TributaryError } from '../errors/tributary-error.ts';
import { memoryStorage } from '../storage/memory-storage.ts';
import { type ScriptedCoordinator, scriptedTask, startScriptedCoordinator } from '../testing/scripted-coordinator.ts';
import { until } from '../testing/until.ts';
import type { TributaryEvents } from './events.ts';
import { createTributary, type Tributary } from './index.ts';
import type { TributaryOptions } from './options.ts';

const hour = 3_600_000;
/** By how much the device's clock is off. */
let offset = 0;
let coordinator: ScriptedCoordinator;
const devices: Tributary[] = [];
beforeEach(async () => {
  const right = Date.now.bind(Date);
  offset = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => right() + offset);
  coordinator = await startScriptedCoordinator();
});
afterEach(async () => {
  await Promise.all(devices.splice(0).map((device) => device.stop()));
  await coordinator.close();
  vi.restoreAllMocks();
});

async function device(options: Partial<TributaryOptions> = {}) {
  const tributary = await createTributary({
    url: coordinator.url,
    task: scriptedTask,
    consent: 'granted',
    // The scripted coordinator opens what it is sent.
    agreement: { plans: ['sealed'] },
    backoff: { baseMilliseconds: 10, maximumMilliseconds: 50 },
    ...options,
  });
  devices.push(tributary);
  const rounds: TributaryEvents['round'][] = [];
  const errors: TributaryError[] = [];
  tributary.on('round', (round) => rounds.push(round));
  tributary.on('error', (error) => errors.push(error));
  return { tributary, rounds, errors };
}

const joined = () => [...coordinator.devices].some((each) => each.joined);
const jumps = [
  ['five hours ahead', 5 * hour],
  ['five hours back', -5 * hour],
  ['thirty years back', -30 * 365 * 24 * hour],
] as const;

describe('a clock that is set', () => {
  it.each(jumps)('%s in the middle of an upload does not end the round for the device', async (_, jump) => {
    const { tributary, rounds } = await device();
    for (const number of [1, 2, 3]) await tributary.track({ type: 'view', itemId: `film-${number}` });
    await until(joined);
    const { uploadChunk } = coordinator.handlers;
    coordinator.handlers.uploadChunk = (content, from) => {
      // The place is lost once, and the clock with it.
      if (offset !== 0) return uploadChunk(content, from);
      offset = jump;
      from.socket.conn.close();
      return new Promise(() => {});
    };
    const descriptor = coordinator.descriptor();
    coordinator.notify('invitation', descriptor);
    await until(() => coordinator.uploads.has(descriptor.round));
    await until(() => rounds.at(-1)?.phase === 'uploaded');
    expect(rounds.some(({ phase }) => phase === 'missed')).toBe(false);
    expect((await tributary.summary()).rounds).toBe(1);
  });

  it.each(jumps)('%s between two events leaves them in their order', async (_, jump) => {
    const storage = memoryStorage();
    const { tributary } = await device({ storage });
    await tributary.track({ type: 'view', itemId: 'film-1' });
    offset = jump;
    await tributary.track({ type: 'view', itemId: 'film-2' });
    offset = 0;
    await tributary.track({ type: 'view', itemId: 'film-3' });
    const events = (await tributary.exportData()).interactions;
    expect(events.map(({ itemId }) => itemId)).toEqual(['film-1', 'film-2', 'film-3']);
    const dates = events.map(({ at }) => at);
    expect(dates).toEqual(dates.toSorted((a, b) => a - b));
  });

  it.each(jumps)(
    '%s lets go of no upload that an earlier run has sealed, but where its time seems over',
    async (_, jump) => {
      const kept = memoryStorage();
      const storage = { ...kept, close: async () => {} };
      const first = await device({ storage });
      for (const number of [1, 2, 3]) await first.tributary.track({ type: 'view', itemId: `film-${number}` });
      await until(joined);
      const { uploadOpen } = coordinator.handlers;
      coordinator.handlers.uploadOpen = () => new Promise(() => {});
      const descriptor = coordinator.descriptor();
      coordinator.notify('invitation', descriptor);
      await until(() => coordinator.received.includes('uploadOpen'));
      await first.tributary.stop();
      coordinator.handlers.uploadOpen = uploadOpen;
      offset = jump;
      const second = await device({ storage });
      await until(() => second.tributary.state === 'waiting');
      const late = jump > 0;
      await until(() => late || coordinator.uploads.has(descriptor.round));
      expect(coordinator.uploads.has(descriptor.round)).toBe(!late);
      await until(() => second.tributary.state === 'waiting');
      // What is given up is not made anew: the round counts as taken part in.
      coordinator.notify('invitation', descriptor);
      await until(() => coordinator.declines.length > 0);
      expect(coordinator.declines[0]).toMatchObject({ round: descriptor.round, reason: 'policy' });
      expect(await kept.readRecord('interruptedUpload')).toBeNull();
    },
  );
});

describe('an app that tracks the same event twice', () => {
  it('sees it counted twice, and recommended from as if it had happened once', async () => {
    const storage = memoryStorage();
    const { tributary } = await device({ storage });
    await until(() => tributary.state === 'waiting');
    const { recommendationId } = await tributary.recommend();
    const event = { type: 'click', itemId: 'film-3', at: 7, recommendationId };
    await tributary.track(event);
    await tributary.track(event);
    expect(tributary.events).toBe(2);
    expect(await storage.listInteractions()).toEqual([event, event]);
    const { contributions } = await tributary.explain('film-1');
    expect(contributions).toHaveLength(1);
  });
});

import { createSealingKeys, sealedLength, sha256, systemRandom } from '@tributary/privacy';
import { payloadBytes } from '@tributary/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { payloadOf, sealedTo, upload } from '../testing/raw-device.ts';
import { smallDocument, smallTask, startSmallWorld } from '../testing/small-world.ts';
import { createSealedUploads } from './sealed-uploads.ts';
import { createUploadPlaces } from './upload-places.ts';

const sections = { contribution: 40, evaluation: 0, weight: 1 } as const;
const bytes = sealedLength(payloadBytes(sections));
const idleMilliseconds = 1000;
const announced = (name: string) => ({
  round: 1,
  bytes,
  sha256: sha256(new TextEncoder().encode(name)),
  statement: null,
});

function roundWith(count: number, places = createUploadPlaces(count)) {
  const uploads = createSealedUploads({
    descriptor: { round: 1, sections, clipNorm: 5, evaluationScale: 0.01 },
    sealingKeys: createSealingKeys(systemRandom),
    places,
    idleMilliseconds,
    add: () => {},
  });
  return { places, uploads };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the places of a round', () => {
  it.each([
    ['the same upload', ['x', 'x', 'x', 'x']],
    ['different uploads', ['a', 'b', 'c', 'd']],
  ])('hold one upload per device, whoever opens %s four times at once', async (_, names) => {
    const { places, uploads } = roundWith(3);
    const opened = await Promise.allSettled(names.map((name) => uploads.open('device', announced(name))));
    expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of opened) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'busy' });
    }
    expect(places.free).toBe(2);
    uploads.end();
    expect(places.free).toBe(3);
  });

  it.each([
    ['in the same turn', 3, 3],
    ['while all are taken', 1, 0],
  ])('are all free after the end, also those that were asked for %s', async (_, count, taken) => {
    const { places, uploads } = roundWith(count);
    const opened = ['a', 'a', 'b', 'c'].map((device, i) => uploads.open(device, announced(String(i))));
    if (taken === 0) await opened[1];
    const outcomes = Promise.allSettled(opened);
    uploads.end();
    await outcomes;
    await vi.advanceTimersByTimeAsync(10 * idleMilliseconds);
    expect([places.free, places.waiting]).toEqual([count, 0]);
  });

  it('are not waited for after the end, although another round holds them', async () => {
    const { places, uploads: other } = roundWith(1);
    const { uploads } = roundWith(1, places);
    await other.open('first', announced('x'));
    const opened = expect(uploads.open('second', announced('y'))).rejects.toMatchObject({ code: 'deadline-passed' });
    expect(places.waiting).toBe(1);
    uploads.end();
    expect(places.waiting).toBe(0);
    await opened;
  });

  it('are lost without progress: opening again is none', async () => {
    const { places, uploads } = roundWith(1);
    await uploads.open('device', announced('x'));
    for (let i = 0; i < 3; i++) {
      await vi.advanceTimersByTimeAsync(0.3 * idleMilliseconds);
      expect(await uploads.open('device', announced('x'))).toEqual({ offset: 0 });
    }
    expect(places.free).toBe(0);
    await vi.advanceTimersByTimeAsync(0.1 * idleMilliseconds);
    expect(places.free).toBe(1);
  });

  it('are lost without progress: a repeated chunk is none, a further one is', async () => {
    const { places, uploads } = roundWith(1);
    const chunk = (offset: number) => uploads.chunk('device', { round: 1, offset, bytes: new Uint8Array(10) });
    await uploads.open('device', announced('x'));
    await vi.advanceTimersByTimeAsync(0.9 * idleMilliseconds);
    expect(chunk(0)).toEqual({ received: 10 });
    await vi.advanceTimersByTimeAsync(0.9 * idleMilliseconds);
    expect(places.free).toBe(0);
    expect(chunk(0)).toEqual({ received: 10 });
    expect(uploads.bytesReceived).toBe(10);
    await vi.advanceTimersByTimeAsync(0.1 * idleMilliseconds);
    expect(places.free).toBe(1);
    expect(() => chunk(10)).toThrow(expect.objectContaining({ code: 'out-of-phase' }));
  });

  it('go past a device that waited and went away', async () => {
    const { places, uploads } = roundWith(1);
    await uploads.open('first', announced('x'));
    const gone = expect(uploads.open('gone', announced('y'))).rejects.toMatchObject({ code: 'busy' });
    const next = uploads.open('next', announced('z'));
    expect(places.waiting).toBe(2);
    uploads.abandonWaiting('gone');
    await gone;
    expect(places.waiting).toBe(1);
    await vi.advanceTimersByTimeAsync(idleMilliseconds);
    expect(await next).toEqual({ offset: 0 });
    uploads.end();
    expect(places.free).toBe(1);
  });
});

describe('a device that waits for a place', () => {
  it.each(['declines', 'disconnects'])('and %s gets none: the place goes to the next', async (way) => {
    vi.useRealTimers();
    const cohort = { target: 3, minimum: 2, overSelection: 1, selectionSeconds: 30, collectionSeconds: 30 };
    const options = { uploadPlaces: 1, uploadIdleMilliseconds: 60_000 };
    const world = await startSmallWorld(smallDocument({ cohort }), options);
    try {
      const { devices, descriptor } = await world.invited(3);
      const [first, gone, next] = devices;
      const { round } = descriptor;
      const sealed = sealedTo(descriptor, payloadOf(descriptor));
      const opening = { round, bytes: sealed.length, sha256: sha256(sealed), statement: null };
      await first.request('uploadOpen', opening);
      const waited = gone.request('uploadOpen', opening).catch((error: unknown) => error);
      if (way === 'declines') {
        await gone.request('decline', { round, reason: 'policy' });
        expect(await waited).toMatchObject({ code: 'busy' });
      } else {
        // The request is on its way before the connection ends.
        await gone.request('fetch', { kind: 'catalogue', hash: '0'.repeat(64), offset: 0 }).catch(() => null);
        gone.close();
        await expect.poll(() => world.coordinator.view(smallTask)?.connected).toBe(2);
      }
      await upload(first, round, sealed);
      await expect(next.request('uploadOpen', opening)).resolves.toEqual({ offset: 0 });
    } finally {
      await world.close();
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createUploadPlaces, type UploadPlace } from './upload-places.ts';

const never = new AbortController().signal;

describe('places for uploads', () => {
  it('are given first come, first served, and never more than there are', async () => {
    const places = createUploadPlaces(2);
    const served: number[] = [];
    const waiting = [1, 2, 3, 4].map(async (name) => {
      const place = await places.acquire(never);
      served.push(name);
      return place;
    });
    await Promise.all(waiting.slice(0, 2));
    expect(served).toEqual([1, 2]);
    expect([places.free, places.waiting]).toEqual([0, 2]);
    (await waiting[1])?.release();
    await waiting[2];
    (await waiting[0])?.release();
    await waiting[3];
    expect(served).toEqual([1, 2, 3, 4]);
  });

  it('are not lost or doubled by whoever releases twice, or gives up while waiting', async () => {
    const step = fc.oneof(
      fc.constant({ kind: 'acquire' as const }),
      fc.record({ kind: fc.constant('release' as const), which: fc.nat(20) }),
      fc.record({ kind: fc.constant('give-up' as const), which: fc.nat(20) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), async (count, steps) => {
        const places = createUploadPlaces(count);
        const claims: { place: UploadPlace | null; patience: AbortController; released: boolean }[] = [];
        const held = () => claims.filter(({ place, released }) => place && !released).length;
        for (const next of steps) {
          if (next.kind === 'acquire') {
            const claim = { place: null as UploadPlace | null, patience: new AbortController(), released: false };
            claims.push(claim);
            void places.acquire(claim.patience.signal).then((place) => {
              claim.place = place;
            });
          } else if (claims.length > 0) {
            const claim = claims[next.which % claims.length];
            if (next.kind === 'give-up') claim.patience.abort();
            else if (claim.place) {
              claim.place.release();
              claim.place.release();
              claim.released = true;
            }
          }
          await Promise.resolve();
          await Promise.resolve();
          expect(held() + places.free).toBe(count);
          if (places.free > 0) expect(places.waiting).toBe(0);
        }
      }),
    );
  });

  it('give nothing to whoever has given up before', async () => {
    expect(await createUploadPlaces(1).acquire(AbortSignal.abort())).toBeNull();
  });
});

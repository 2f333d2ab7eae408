import { systemRandom } from '@tributary/privacy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMilliseconds, sleep } from './backoff.ts';

const backoff = { baseMilliseconds: 100, maximumMilliseconds: 5000 };

describe('backoffMilliseconds', () => {
  it('stays below base times a power of two, and below the maximum', () => {
    fc.assert(
      fc.property(fc.nat(2000), (attempt) => {
        const delay = backoffMilliseconds(attempt, backoff, systemRandom);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThan(Math.min(5000, 100 * 2 ** attempt));
      }),
    );
  });

  it('spreads devices over the whole interval', () => {
    const cells = new Set<number>();
    // A tenth is missed by all of 1,000 uniform draws with probability 1e-45.
    for (let i = 0; i < 1000; i++) cells.add(Math.floor(backoffMilliseconds(3, backoff, systemRandom) / 80));
    expect(cells.size).toBe(10);
  });

  it('is half the ceiling in the middle of the source', () => {
    const half = { bytes: () => Uint8Array.of(0x80, 0, 0, 0) };
    expect([0, 1, 2, 9].map((attempt) => backoffMilliseconds(attempt, backoff, half))).toEqual([50, 100, 200, 2500]);
  });
});

describe('sleep', () => {
  it('ends at once when the signal fires, and before when it has fired already', async () => {
    const abort = new AbortController();
    const asleep = sleep(1e6, abort.signal);
    abort.abort();
    await asleep;
    await sleep(1e6, abort.signal);
  });
});

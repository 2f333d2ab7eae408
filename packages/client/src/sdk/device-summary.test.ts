import { composeEpsilon, type MechanismEvent } from '@tributary/privacy';
import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../storage/memory-storage.ts';
import type { StorageRecords } from '../storage/storage.ts';
import { summariseDevice } from './device-summary.ts';

const noise = (noiseMultiplier: number, steps: number): MechanismEvent => ({
  mechanism: 'discrete-gaussian',
  noiseMultiplier,
  steps,
});
const terms = { placement: 'distributed', budget: 8, delta: 1e-6, participations: 10 } as const;

async function summaryOf(participation?: StorageRecords['participation']) {
  const storage = memoryStorage();
  if (participation) await storage.writeRecord('participation', participation);
  return summariseDevice({ storage, events: 7, version: null });
}

describe('the summary of a device', () => {
  it('of one that never took part has its events alone', async () => {
    expect(await summaryOf()).toEqual({ events: 7, version: null, rounds: 0, spent: null });
  });

  it('adds up what was spent by the noise of the devices', async () => {
    const { rounds, spent } = await summaryOf({ lastRound: 9, contributions: 3, spent: [noise(4, 3)], terms });
    expect(rounds).toBe(3);
    expect(spent?.delta).toBe(1e-6);
    // Three steps at multiplier 4 are one at 4 / sqrt(3).
    const single = composeEpsilon([noise(4 / Math.sqrt(3), 1)], 1e-6);
    expect(spent?.epsilon).toBeCloseTo(single, 6);
  });

  it('claims nothing of noise that a device cannot see', async () => {
    const central = { ...terms, placement: 'central' } as const;
    expect((await summaryOf({ lastRound: 9, contributions: 3, terms: central })).spent).toBeNull();
    expect((await summaryOf({ lastRound: 9, contributions: 3, terms: null })).spent).toBeNull();
  });

  it('says that nothing is spent before the first contribution', async () => {
    expect((await summaryOf({ lastRound: 0, contributions: 0, terms })).spent).toEqual({ epsilon: 0, delta: 1e-6 });
  });
});

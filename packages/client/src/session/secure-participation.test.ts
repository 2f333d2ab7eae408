import { describe, expect, it } from 'vitest';
import { agreementOf } from '../agreement/agreement.ts';
import { memoryStorage } from '../storage/memory-storage.ts';
import { countContribution, enterRoster, recordAnswer, recordContribution } from './secure-participation.ts';

const { secure } = agreementOf();
const day = 86_400_000;
const roundOf = (round: number, modelVersion = 'aa') => ({ round, modelVersion });
const rosterHash = new Uint8Array(32).fill(7);

describe('what a device writes down of secure rounds', () => {
  it('takes the round number when it enters a roster, and never gives it back', async () => {
    const storage = memoryStorage();
    await enterRoster(storage, secure, roundOf(5), 0);
    await countContribution(storage);
    await enterRoster(storage, secure, roundOf(3, 'bb'), 0);
    expect(await storage.readRecord('participation')).toMatchObject({ lastRound: 5, contributions: 1 });
  });

  it('keeps it from a second contribution to a version, whether or not the first arrived', async () => {
    const storage = memoryStorage();
    await enterRoster(storage, secure, roundOf(1), 0);
    await enterRoster(storage, secure, roundOf(2), 0);
    await recordContribution(storage, 'aa');
    await expect(enterRoster(storage, secure, roundOf(3), 0)).rejects.toMatchObject({ code: 'policy' });
    await enterRoster(storage, secure, roundOf(3, 'bb'), 0);
    const twice = agreementOf({ secure: { contributionsPerVersion: 2 } }).secure;
    await enterRoster(storage, twice, roundOf(4), 0);
    await recordContribution(storage, 'aa');
    await expect(enterRoster(storage, twice, roundOf(5), 0)).rejects.toMatchObject({ code: 'policy' });
  });

  it('remembers the last 256 versions, so that going back to one costs as many contributions', async () => {
    const storage = memoryStorage();
    for (let i = 0; i < 256; i++) await recordContribution(storage, `version-${i}`);
    await expect(enterRoster(storage, secure, roundOf(1, 'version-0'), 0)).rejects.toMatchObject({ code: 'policy' });
    await recordContribution(storage, 'version-256');
    await enterRoster(storage, secure, roundOf(1, 'version-0'), 0);
    expect((await storage.readRecord('secureParticipation'))?.versions).toHaveLength(256);
  });

  it('counts rosters of the last 24 hours, on a clock that was set back too', async () => {
    const storage = memoryStorage();
    const few = agreementOf({ secure: { rostersPerDay: 2 } }).secure;
    await enterRoster(storage, few, roundOf(1), 10 * day);
    await enterRoster(storage, few, roundOf(2), 10 * day + 1);
    for (const now of [10 * day + 2, 11 * day - 1, 2 * day]) {
      await expect(enterRoster(storage, few, roundOf(3), now)).rejects.toMatchObject({ code: 'policy' });
    }
    await enterRoster(storage, few, roundOf(3), 11 * day);
    await expect(enterRoster(storage, few, roundOf(4), 11 * day)).rejects.toMatchObject({ code: 'policy' });
  });

  it('keeps it from answering twice for one roster', async () => {
    const storage = memoryStorage();
    await recordAnswer(storage, rosterHash, 'acknowledged');
    await recordAnswer(storage, rosterHash, 'revealed');
    for (const what of ['acknowledged', 'revealed'] as const) {
      await expect(recordAnswer(storage, rosterHash, what)).rejects.toMatchObject({ code: 'unsafe-round' });
    }
    for (let i = 0; i < 100; i++) await recordAnswer(storage, new Uint8Array(32).fill(100 + i), 'revealed');
    expect((await storage.readRecord('secureParticipation'))?.answered).toHaveLength(64);
  });

  it('counts what was made before it leaves, and what it spends, in any sum or none', async () => {
    const storage = memoryStorage();
    const event = { mechanism: 'discrete-gaussian', noiseMultiplier: 3, steps: 1 } as const;
    await recordContribution(storage, 'aa');
    await recordContribution(storage, 'ab', event);
    await recordContribution(storage, 'ac', event);
    await recordContribution(storage, 'ad', { ...event, noiseMultiplier: 4 });
    await countContribution(storage);
    expect(await storage.readRecord('participation')).toEqual({
      lastRound: 0,
      contributions: 1,
      uploads: 4,
      spent: [
        { ...event, steps: 2 },
        { ...event, noiseMultiplier: 4 },
      ],
    });
  });
});

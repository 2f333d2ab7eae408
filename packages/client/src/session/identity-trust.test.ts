import { bytesToHex, createIdentityLog, type IdentityLog, sha256 } from '@tributary/privacy';
import { RefusalError, type RoundDescriptor } from '@tributary/protocol';
import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../storage/memory-storage.ts';
import { checkIdentityLog, meetIdentities } from './identity-trust.ts';

const leaf = (name: string) => sha256(new TextEncoder().encode(name));
const logOf = (count: number, prefix = 'device') =>
  createIdentityLog(Array.from({ length: count }, (_, i) => leaf(`${prefix} ${i}`)));

/** A connection to a coordinator that proves by the given log, and what it was asked. */
function coordinatorWith(log: IdentityLog) {
  const asked: (readonly [number, number])[] = [];
  const request = async (_: string, { from, to }: { from: number; to: number }) => {
    asked.push([from, to]);
    return { proof: log.consistencyProof(from, to) };
  };
  return { asked, connection: { request } as never };
}
const roundOf = (log: IdentityLog | null, round = 1) =>
  ({ round, secure: { identityLog: log && { size: log.size, root: log.root() } } }) as Pick<
    RoundDescriptor,
    'round' | 'secure'
  >;

describe('an identity log', () => {
  it('may grow, and is asked for a proof only when it has', async () => {
    const storage = memoryStorage();
    const { asked, connection } = coordinatorWith(logOf(100));
    for (const size of [5, 5, 8, 64, 100]) await checkIdentityLog(storage, connection, 'people', roundOf(logOf(size)));
    expect(asked).toEqual([
      [5, 8],
      [8, 64],
      [64, 100],
    ]);
    expect((await storage.readRecord('identityLogs'))?.seen).toMatchObject([{ population: 'people', size: 100 }]);
  });

  it.each<[string, IdentityLog]>([
    ['shrank', logOf(29)],
    ['was exchanged at the same size', logOf(30, 'other')],
    ['was rewritten and grew', logOf(60, 'other')],
  ])('that %s is refused, written down, and not compared with later', async (_, forged) => {
    const storage = memoryStorage();
    const honest = logOf(40);
    await checkIdentityLog(storage, coordinatorWith(honest).connection, 'people', roundOf(logOf(30)));
    const check = checkIdentityLog(storage, coordinatorWith(forged).connection, 'people', roundOf(forged, 7));
    await expect(check).rejects.toMatchObject({
      code: 'forged',
      message: expect.stringMatching(/round 7 .*did not grow/),
    });
    expect((await storage.readRecord('identityLogs'))?.seen).toEqual([
      {
        population: 'people',
        size: 30,
        root: bytesToHex(logOf(30).root()),
        contradicted: { round: 7, size: forged.size, root: bytesToHex(forged.root()) },
      },
    ]);
    await checkIdentityLog(storage, coordinatorWith(honest).connection, 'people', roundOf(honest, 8));
  });

  it('does not start anew under another name, however many there are', async () => {
    const storage = memoryStorage();
    const { connection } = coordinatorWith(logOf(30));
    await checkIdentityLog(storage, connection, 'people', roundOf(logOf(30)));
    for (let i = 1; i < 16; i++) await checkIdentityLog(storage, connection, `others-${i}`, roundOf(logOf(1)));
    await expect(checkIdentityLog(storage, connection, 'one-more', roundOf(logOf(1)))).rejects.toMatchObject({
      code: 'policy',
    });
    await expect(checkIdentityLog(storage, connection, 'people', roundOf(logOf(2)))).rejects.toMatchObject({
      code: 'forged',
    });
  });

  it('cannot be left out once it was there', async () => {
    const storage = memoryStorage();
    const { connection } = coordinatorWith(logOf(3));
    await checkIdentityLog(storage, connection, 'people', roundOf(null));
    await checkIdentityLog(storage, connection, 'people', roundOf(logOf(3)));
    await expect(checkIdentityLog(storage, connection, 'people', roundOf(null, 2))).rejects.toMatchObject({
      code: 'policy',
      message: expect.stringMatching(/names no identity log/),
    });
  });

  it('is not believed to have grown when the coordinator gives no proof', async () => {
    const storage = memoryStorage();
    await checkIdentityLog(storage, coordinatorWith(logOf(3)).connection, 'people', roundOf(logOf(3)));
    const request = () => Promise.reject(new RefusalError('internal', 'no'));
    await expect(checkIdentityLog(storage, { request } as never, 'people', roundOf(logOf(4)))).rejects.toMatchObject({
      code: 'internal',
    });
    expect((await storage.readRecord('identityLogs'))?.seen).toMatchObject([{ size: 3 }]);
  });
});

describe('identities met at first use', () => {
  it('are counted when they are met again, and the ones met last are kept', async () => {
    const storage = memoryStorage();
    const identities = Array.from({ length: 9000 }, (_, i) => leaf(`identity ${i}`));
    expect(await meetIdentities(storage, identities.slice(0, 20))).toBe(0);
    expect(await meetIdentities(storage, identities.slice(10, 30))).toBe(10);
    expect(await meetIdentities(storage, [...identities.slice(500), identities[0]])).toBe(1);
    expect((await storage.readRecord('identityPins'))?.identities).toHaveLength(8192);
    expect(await meetIdentities(storage, [identities[0], identities[29]])).toBe(1);
  });
});

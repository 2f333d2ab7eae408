import { createIdentity, systemRandom, verify } from '@tributary/privacy';
import type { RoundDescriptor } from '@tributary/protocol';
import { describe, expect, it } from 'vitest';
import { agreementOf } from '../agreement/agreement.ts';
import { memoryStorage } from '../storage/memory-storage.ts';
import type { SessionContext } from './context.ts';
import { createSecureWork } from './secure-work.ts';

function work(milliseconds: number) {
  const context = {
    agreement: agreementOf(),
    storage: memoryStorage(),
    random: systemRandom,
    identity: createIdentity(systemRandom),
    verify,
    emit: () => {},
    elapsed: Date.now,
  } as unknown as SessionContext;
  const sections = [{ length: 8, bits: 20 }];
  return createSecureWork({
    context,
    descriptor: { round: 3 } as RoundDescriptor,
    round: {
      roundHash: new Uint8Array(32),
      coordinatorKey: new Uint8Array(32),
      population: 'people',
      sections,
      degree: 0,
      threshold: 0,
      inDegreeCap: 23,
      minimum: 20,
      maximum: 24,
      corrupt: 500,
      dropout: 1000,
      identityLog: null,
    },
    values: () => Promise.resolve([new Uint32Array(8)]),
    until: Date.now() + 60_000,
    milliseconds,
    show: () => {},
  });
}

/** Never answers; gives up when it is told to. */
function silentConnection() {
  const requests: string[] = [];
  const request = (name: string, _: unknown, { signal }: { signal: AbortSignal }) => {
    requests.push(name);
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };
  return { requests, connection: { request } as never };
}

describe("a device's work on a secure round", () => {
  it('is missed, and said nothing more of, when the coordinator falls silent', async () => {
    const secure = work(30);
    const { requests, connection } = silentConnection();
    secure.attach(connection);
    expect(await secure.outcome).toEqual({ kind: 'missed', reason: expect.stringMatching(/in time/) });
    secure.attach(connection);
    secure.receive(connection, {
      name: 'roster',
      content: { round: 3, entries: new Uint8Array(160 * 20), signature: new Uint8Array(64) },
    });
    await secure.stop();
    expect(requests).toEqual(['keys']);
  });

  it('stops in the middle of a request, without an outcome', async () => {
    const secure = work(60_000);
    const { requests, connection } = silentConnection();
    let ended = false;
    void secure.outcome.then(() => {
      ended = true;
    });
    secure.attach(connection);
    await Promise.resolve();
    await secure.stop();
    expect(requests).toEqual(['keys']);
    expect(ended).toBe(false);
  });
});

/** How much one connection may ask for before it takes the answers, over real sockets. */
import { RefusalError } from '@tributary/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import type { RawDevice } from '../testing/raw-device.ts';
import { type SmallWorld, smallTask, startSmallWorld } from '../testing/small-world.ts';

let world: SmallWorld;
afterEach(() => world.close());

const modelOf = async () => {
  const [{ version }] = await world.store.versions(smallTask);
  return { kind: 'model' as const, hash: version.parametersHash, offset: 0 };
};

/** Whether the device's end of the connection reads what arrives. */
function reading(device: RawDevice, reads: boolean): void {
  const transport = device.socket.io.engine.transport as unknown as {
    ws: { _socket: { pause(): void; resume(): void } };
  };
  if (reads) transport.ws._socket.resume();
  else transport.ws._socket.pause();
}

describe('requests of one connection', () => {
  it('are answered four at a time; a fifth is told to wait, and only that one', async () => {
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    let asked = 0;
    world = await startSmallWorld(undefined, {
      seenAs: (store) => ({
        ...store,
        async parameterBytes(...of) {
          asked += 1;
          await held;
          return store.parameterBytes(...of);
        },
      }),
    });
    const [device, other] = [await world.device(), await world.device()];
    const slow = { kind: 'model' as const, hash: 'a'.repeat(64), offset: 0 };
    const four = Array.from({ length: 4 }, () => device.request('fetch', slow).catch((error: unknown) => error));
    await expect(device.request('join', {})).rejects.toMatchObject({ code: 'busy', retryAfterMilliseconds: 100 });
    await expect(device.request('fetch', slow)).rejects.toMatchObject({ code: 'busy' });
    expect(asked).toBe(4);
    await expect(other.request('join', {})).resolves.toEqual({ waiting: 0 });
    answer();
    for (const refused of await Promise.all(four)) expect(refused).toMatchObject({ code: 'unknown-version' });
    await expect.poll(() => device.request('join', {}).catch(() => null)).toBeTruthy();
  });

  it('fifty at once are all answered, with bytes or with busy, and the connection goes on', async () => {
    world = await startSmallWorld();
    const device = await world.device();
    const model = await modelOf();
    const answers = await Promise.allSettled(Array.from({ length: 50 }, () => device.request('fetch', model)));
    let served = 0;
    for (const answer of answers) {
      if (answer.status === 'fulfilled') {
        served += 1;
        expect(answer.value.bytes.length).toBe(answer.value.total);
      } else {
        expect(answer.reason).toBeInstanceOf(RefusalError);
        expect(answer.reason).toMatchObject({ code: 'busy' });
      }
    }
    expect(served).toBeGreaterThanOrEqual(4);
    await expect.poll(() => device.request('join', {}).catch(() => null)).toBeTruthy();
  });

  it('whose answers the device takes late do not count for ever', async () => {
    world = await startSmallWorld(undefined, { items: 60_000 });
    const device = await world.device();
    const model = await modelOf();
    for (let i = 0; i < 10; i++) {
      reading(device, false);
      const answer = device.request('fetch', model);
      // Long enough for the coordinator to begin to send; how long does not matter to the outcome.
      await new Promise((resolve) => setTimeout(resolve, 20));
      reading(device, true);
      expect((await answer).total).toBe(60_000 * 4 * 4);
    }
  });
});

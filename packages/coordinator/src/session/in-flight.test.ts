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

  it('are not answered to a device that does not read, but for what the network holds, until it reads again', async () => {
    let served = 0;
    let real = '';
    world = await startSmallWorld(undefined, {
      items: 60_000,
      seenAs: (store) => ({
        ...store,
        parameterBytes(_hash, ...part) {
          served += 1;
          return store.parameterBytes(real, ...part);
        },
      }),
    });
    real = (await modelOf()).hash;
    const device = await world.device();
    reading(device, false);
    const asked = 100;
    const busy = async () => {
      const text = await (await fetch(`${world.coordinator.url}/metrics`)).text();
      return Number(/^tributary_refusals_total\{[^}]*code="busy"[^}]*\} (\d+)$/m.exec(text)?.[1] ?? 0);
    };
    const answers: Promise<unknown>[] = [];
    for (let i = 1; i <= asked; i++) {
      const answer = device.request('fetch', { kind: 'model', hash: 'a'.repeat(64), offset: 0 });
      answers.push(answer.catch(() => null));
      await expect.poll(async () => served + (await busy()), { interval: 1 }).toBe(i);
    }
    // 960 kB each: more than 32 would be more than a loopback connection holds by far.
    expect(served).toBeGreaterThanOrEqual(4);
    expect(served).toBeLessThan(32);
    reading(device, true);
    expect((await Promise.all(answers)).filter((answer) => answer !== null)).toHaveLength(served);
    await expect(device.request('join', {})).resolves.toEqual({ waiting: 0 });
  });
});

import { afterEach, expect, it, vi } from 'vitest';
import { checkConditions, type Surroundings, watchConditions } from './conditions.ts';

/** A browser's surroundings whose state a test sets: real event targets, plain values. */
function browser() {
  const connection = Object.assign(new EventTarget(), { saveData: false, type: 'wifi' });
  const battery = Object.assign(new EventTarget(), { charging: false, level: 0.9 });
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  const navigator = {
    onLine: true,
    deviceMemory: 8,
    connection,
    getBattery: async () => battery,
    storage: { estimate: async () => ({ quota: 1e9, usage: 1e6 }) },
  };
  const surroundings = Object.assign(new EventTarget(), { navigator, document });
  return { surroundings, navigator, connection, battery, document };
}

afterEach(() => void vi.useRealTimers());

it('finds nothing against a runtime that tells nothing', async () => {
  expect((await watchConditions(checkConditions(), () => {}, {})).obstacles).toEqual([]);
});

it('hears of every obstacle and of its end', async () => {
  const { surroundings, navigator, connection, battery, document } = browser();
  let changes = 0;
  const conditions = await watchConditions(
    checkConditions({ hidden: false }),
    () => changes++,
    surroundings as unknown as Surroundings,
  );
  expect(conditions.obstacles).toEqual([]);
  const steps: readonly [() => void, EventTarget, string, readonly string[]][] = [
    [() => (connection.saveData = true), connection, 'change', ['metered-network']],
    [() => (battery.level = 0.2), battery, 'levelchange', ['metered-network', 'battery']],
    [() => (battery.charging = true), battery, 'chargingchange', ['metered-network']],
    [() => (document.visibilityState = 'hidden'), document, 'visibilitychange', ['metered-network', 'hidden']],
    [() => (navigator.onLine = false), surroundings, 'offline', ['offline', 'metered-network', 'hidden']],
    [() => (navigator.onLine = true), surroundings, 'online', ['metered-network', 'hidden']],
  ];
  for (const [change, target, name, expected] of steps) {
    change();
    target.dispatchEvent(new Event(name));
    expect(conditions.obstacles).toEqual(expected);
  }
  expect(changes).toBe(steps.length);
  conditions.close();
  connection.saveData = false;
  connection.dispatchEvent(new Event('change'));
  expect(changes).toBe(steps.length);
});

it('waits for surroundings that learn of themselves while somebody listens, and tells of no change before', async () => {
  const { surroundings, connection } = browser();
  let changes = 0;
  const conditions = await watchConditions(checkConditions(), () => changes++, {
    ...(surroundings as unknown as Surroundings),
    ready: async () => {
      connection.type = 'cellular';
      connection.dispatchEvent(new Event('change'));
    },
  });
  expect(conditions.obstacles).toEqual(['metered-network']);
  expect(changes).toBe(0);
  connection.type = 'wifi';
  connection.dispatchEvent(new Event('change'));
  expect(changes).toBe(1);
});

it.each([
  ['say nothing', () => new Promise<void>(() => {})],
  ['cannot say', () => Promise.reject(new Error('no permission'))],
])('waits a second at most for surroundings that %s, and finds nothing against them', async (_, ready) => {
  vi.useFakeTimers();
  const watching = watchConditions(checkConditions(), () => {}, { ready });
  await vi.advanceTimersByTimeAsync(1000);
  expect((await watching).obstacles).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

it('tells the charge of a battery while it is known and not being charged', async () => {
  const { surroundings, battery } = browser();
  const conditions = await watchConditions(checkConditions(), () => {}, surroundings as unknown as Surroundings);
  expect(conditions.charge).toBe(0.9);
  battery.level = Number.NaN;
  expect(conditions.charge).toBeNull();
  Object.assign(battery, { level: 0.5, charging: true });
  expect(conditions.charge).toBeNull();
  expect((await watchConditions(checkConditions(), () => {}, {})).charge).toBeNull();
});

it('listens to nothing any more when it fails', async () => {
  const { surroundings, connection, navigator } = browser();
  const listening = new Set<unknown>();
  const target = {
    addEventListener: (_name: string, listener: unknown) => void listening.add(listener),
    removeEventListener: (_name: string, listener: unknown) => void listening.delete(listener),
  };
  Object.assign(connection, target);
  Object.assign(navigator, {
    getBattery() {
      expect(listening.size).toBe(1);
      throw new Error('not allowed');
    },
  });
  await expect(watchConditions(checkConditions(), () => {}, surroundings as unknown as Surroundings)).rejects.toThrow(
    'not allowed',
  );
  expect(listening.size).toBe(0);
});

it.each([
  ['a cellular network', { type: 'cellular' }, {}, ['metered-network']],
  ['one that the app allows', { type: 'cellular' }, { meteredNetwork: true }, []],
  ['a battery that is to be charging', {}, { minimumCharge: 1 }, ['battery']],
  ['little memory', {}, { minimumMemory: 16 }, ['memory']],
  ['little quota', {}, { minimumQuota: 1e10 }, ['quota']],
])('judges %s', async (_, network, options, expected) => {
  const { surroundings, connection } = browser();
  Object.assign(connection, network);
  const conditions = await watchConditions(checkConditions(options), () => {}, surroundings as unknown as Surroundings);
  expect(conditions.obstacles).toEqual(expected);
});

it.each([
  [{ minimumCharge: 2 }, /minimumCharge must be a number from 0 to 1/],
  [{ hidden: 'yes' }, /hidden must be true or false/],
  [{ minimumQuota: Number.NaN }, /minimumQuota must be a number from 0/],
])('refuses the option %o', (options, message) => {
  expect(() => checkConditions(options as object)).toThrow(message);
});

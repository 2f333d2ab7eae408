import { expect, it } from 'vitest';
import { checkConditions, watchConditions } from '../conditions/conditions.ts';
import { type NetInfoState, reactNativeSurroundings } from './surroundings.ts';

/** The modules as React Native, NetInfo and Expo have them, with states that a test sets. */
function device() {
  const listeners = { network: new Set<(state: NetInfoState) => void>(), app: new Set<() => void>() };
  const battery = {
    level: 0.9,
    state: 1,
    levelListeners: new Set<(event: { readonly batteryLevel: number }) => void>(),
    stateListeners: new Set<(event: { readonly batteryState: number }) => void>(),
  };
  let state: NetInfoState = { type: 'wifi', isConnected: true, details: { isConnectionExpensive: false } };
  const removable = <T>(set: Set<T>, listener: T) => {
    set.add(listener);
    return { remove: () => void set.delete(listener) };
  };
  const AppState = {
    currentState: 'active',
    addEventListener: (_: 'change', listener: () => void) => removable(listeners.app, listener),
  };
  return {
    modules: {
      AppState,
      NetInfo: {
        addEventListener(listener: (state: NetInfoState) => void) {
          // At once, as NetInfo does where it knows the state already.
          listener(state);
          return removable(listeners.network, listener).remove;
        },
      },
      Battery: {
        getBatteryLevelAsync: async () => battery.level,
        getBatteryStateAsync: async () => battery.state,
        addBatteryLevelListener: (listener: (event: { readonly batteryLevel: number }) => void) =>
          removable(battery.levelListeners, listener),
        addBatteryStateListener: (listener: (event: { readonly batteryState: number }) => void) =>
          removable(battery.stateListeners, listener),
      },
    },
    network(next: NetInfoState) {
      state = next;
      for (const listener of listeners.network) listener(next);
    },
    app(next: string) {
      AppState.currentState = next;
      for (const listener of listeners.app) listener();
    },
    charge: (batteryLevel: number) => battery.levelListeners.forEach((listener) => listener({ batteryLevel })),
    plug: (batteryState: number) => battery.stateListeners.forEach((listener) => listener({ batteryState })),
    listening: () =>
      listeners.network.size + listeners.app.size + battery.levelListeners.size + battery.stateListeners.size,
  };
}
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

it('finds nothing against an app that passes no module', async () => {
  const conditions = await watchConditions(checkConditions({ hidden: false }), () => {}, reactNativeSurroundings({}));
  expect(conditions.obstacles).toEqual([]);
  conditions.close();
});

it('hears of every obstacle and of its end, and listens no longer than it is asked to', async () => {
  const { modules, network, app, charge, plug, listening } = device();
  const seen: string[] = [];
  const surroundings = reactNativeSurroundings(modules);
  expect(listening()).toBe(0);
  const conditions = await watchConditions(
    checkConditions({ hidden: false }),
    () => seen.push(conditions.obstacles.join()),
    surroundings,
  );
  const steps: readonly [() => void, string][] = [
    [() => network({ type: 'none', isConnected: false, details: null }), 'offline'],
    [
      () => network({ type: 'cellular', isConnected: true, details: { isConnectionExpensive: true } }),
      'metered-network',
    ],
    [() => network({ type: 'cellular', isConnected: true, details: { isConnectionExpensive: false } }), ''],
    [() => network({ type: 'cellular', isConnected: true }), 'metered-network'],
    [() => network({ type: 'wifi', isConnected: null }), ''],
    [() => charge(0.1), 'battery'],
    [() => plug(2), ''],
    [() => app('background'), 'hidden'],
    [() => app('active'), ''],
  ];
  for (const [change] of steps) {
    change();
    await turn();
  }
  expect(seen).toEqual(steps.map(([, obstacles]) => obstacles));
  conditions.close();
  expect(listening()).toBe(0);
});

it('knows a state that it is told while it subscribes', async () => {
  const { modules, network } = device();
  network({ type: 'none', isConnected: false });
  const seen: string[] = [];
  const conditions = await watchConditions(
    checkConditions(),
    () => seen.push(conditions.obstacles.join()),
    reactNativeSurroundings(modules),
  );
  expect(conditions.obstacles).toEqual(['offline']);
  await turn();
  expect(seen).toEqual([]);
  conditions.close();
});

it('says nothing of its network before NetInfo does, each time that it is listened to', async () => {
  const { modules } = device();
  const asked: ((state: NetInfoState) => void)[] = [];
  const NetInfo = {
    addEventListener(listener: (state: NetInfoState) => void) {
      asked.push(listener);
      return () => {};
    },
  };
  const surroundings = reactNativeSurroundings({ ...modules, NetInfo });
  for (const [type, obstacles] of [
    ['cellular', ['metered-network']],
    ['wifi', []],
    ['cellular', ['metered-network']],
  ] as const) {
    let watched = false;
    const watching = watchConditions(checkConditions(), () => {}, surroundings).finally(() => {
      watched = true;
    });
    const tell = asked.at(-1) as (state: NetInfoState) => void;
    // As it says while the system is still finding out.
    tell({ type: 'unknown', isConnected: null, details: null });
    await turn();
    expect(watched).toBe(false);
    tell({ type, isConnected: true });
    const conditions = await watching;
    expect(conditions.obstacles).toEqual(obstacles);
    conditions.close();
  }
  expect(asked).toHaveLength(3);
});

it.each([
  ['a level that nobody knows', -1, 1],
  ['a state that nobody knows', 0.1, 0],
  ['a battery that is plugged in', 0.1, 4],
])('finds nothing against %s', async (_, level, state) => {
  const { modules } = device();
  const Battery = {
    ...modules.Battery,
    getBatteryLevelAsync: async () => level,
    getBatteryStateAsync: async () => state,
  };
  const conditions = await watchConditions(checkConditions(), () => {}, reactNativeSurroundings({ Battery }));
  expect(conditions.obstacles).toEqual([]);
  conditions.close();
});

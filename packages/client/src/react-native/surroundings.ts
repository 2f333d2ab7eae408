/** What a React Native app can tell of its moment, in the words that the conditions ask a browser in. */
import type { Listenable, Surroundings } from '../conditions/conditions.ts';

/** What is used of `@react-native-community/netinfo`. */
export interface NetInfoModule {
  addEventListener(listener: (state: NetInfoState) => void): () => void;
}
export interface NetInfoState {
  readonly type?: string;
  readonly isConnected?: boolean | null;
  readonly details?: { readonly isConnectionExpensive?: boolean | null } | null;
}

interface Subscription {
  remove(): void;
}

/** What is used of `AppState` of 'react-native'. */
export interface AppStateModule {
  readonly currentState: string | null;
  addEventListener(name: 'change', listener: () => void): Subscription;
}

/** What is used of `expo-battery`. */
export interface BatteryModule {
  /** In [0, 1]; -1 where it is not known. */
  getBatteryLevelAsync(): Promise<number>;
  /** 0 unknown, 1 unplugged, 2 charging, 3 full, 4 plugged in and not charging. */
  getBatteryStateAsync(): Promise<number>;
  addBatteryLevelListener(listener: (event: { readonly batteryLevel: number }) => void): Subscription;
  addBatteryStateListener(listener: (event: { readonly batteryState: number }) => void): Subscription;
}

const unplugged = 1;

/**
 * For the option `surroundings` of `createTributary`. Each module is optional; what is not passed stands against nothing. Nothing is
 * listened to before an instance is made with it, nor after it was stopped.
 */
export function reactNativeSurroundings(modules: {
  readonly NetInfo?: NetInfoModule;
  readonly AppState?: AppStateModule;
  readonly Battery?: BatteryModule;
}): Surroundings {
  const { NetInfo, AppState, Battery } = modules;
  const { state, changes: networkChanges, told } = NetInfo ? networkOf(NetInfo) : noNetwork;

  return {
    navigator: {
      get onLine() {
        return state().isConnected !== false;
      },
      ...(networkChanges && {
        connection: {
          ...networkChanges,
          get saveData() {
            return state().details?.isConnectionExpensive === true;
          },
          // The system knows of volumes that are not paid for; its kind decides where it says nothing of that.
          get type() {
            return typeof state().details?.isConnectionExpensive === 'boolean' ? '' : (state().type ?? '');
          },
        },
      }),
      ...(Battery && { getBattery: () => batteryOf(Battery) }),
    },
    ...(AppState && {
      document: {
        ...listenable((tell) => subscribed(AppState.addEventListener('change', tell))),
        get visibilityState() {
          return AppState.currentState === 'background' ? 'hidden' : 'visible';
        },
      },
    }),
    ...networkChanges,
    // Until it has, a network that is paid for looks like one that is not.
    ready: told,
  };
}

/** What NetInfo says of the network, for as long as anybody listens to its changes. */
interface WatchedNetwork {
  /** Nothing while nothing is known. */
  state(): NetInfoState;
  readonly changes: Listenable | null;
  /** Resolves when the state is known. */
  told(): Promise<void>;
}

const noNetwork: WatchedNetwork = { state: () => ({}), changes: null, told: async () => {} };

function networkOf(NetInfo: NetInfoModule): WatchedNetwork {
  let known: NetInfoState | null = null;
  const waiting = new Set<() => void>();
  return {
    state: () => known ?? {},
    changes: listenable((tell) => {
      const stop = NetInfo.addEventListener((state) => {
        // Said while the system is still finding out.
        if (state.type === 'unknown' && known === null) return;
        known = state;
        for (const resolve of waiting) resolve();
        waiting.clear();
        tell();
      });
      return () => {
        stop();
        // Whoever listens next may be on another network.
        known = null;
      };
    }),
    told: () => (known === null ? new Promise((resolve) => waiting.add(resolve)) : Promise.resolve()),
  };
}

async function batteryOf(Battery: BatteryModule) {
  let level = await Battery.getBatteryLevelAsync();
  let state = await Battery.getBatteryStateAsync();
  return {
    ...listenable((tell) => {
      const stops = [
        Battery.addBatteryLevelListener(({ batteryLevel }) => {
          level = batteryLevel;
          tell();
        }),
        Battery.addBatteryStateListener(({ batteryState }) => {
          state = batteryState;
          tell();
        }),
      ];
      return () => {
        for (const stop of stops) stop.remove();
      };
    }),
    get charging() {
      return state !== unplugged;
    },
    get level() {
      return level < 0 ? Number.NaN : level;
    },
  };
}

function subscribed(subscription: Subscription): () => void {
  return () => subscription.remove();
}

/** An event target over one subscription, which is there while anybody listens; to whatever name, for all of them mean a change. */
function listenable(subscribe: (tell: () => void) => () => void): Listenable {
  const listeners = new Set<() => void>();
  let stop: (() => void) | null = null;
  return {
    addEventListener(_name, listener) {
      listeners.add(listener);
      // Some tell what they know already while one subscribes, before the listener's owner is ready.
      const tell = () => void setTimeout(() => listeners.forEach((each) => each()), 0);
      stop ??= subscribe(tell);
    },
    removeEventListener(_name, listener) {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      stop?.();
      stop = null;
    },
  };
}

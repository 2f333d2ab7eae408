/** What a React Native app does with the SDK; bundled and run in the context. */
import {
  createReactNativeStorage,
  createTributary,
  type KeyValueStore,
  reactNativeSurroundings,
  type Tributary,
  type TributaryEvents,
} from '@tributary/client/react-native';

export { TributaryProvider, useRecommendations } from '@tributary/client/react-native';

/** What AsyncStorage keeps on the disk. */
const rows = new Map<string, string>();
const AsyncStorage: KeyValueStore = {
  getItem: async (key) => rows.get(key) ?? null,
  setItem: async (key, value) => void rows.set(key, value),
  removeItem: async (key) => void rows.delete(key),
  getAllKeys: async () => [...rows.keys()],
  multiRemove: async (keys) => keys.forEach((key) => rows.delete(key)),
};
const key = crypto.getRandomValues(new Uint8Array(32));

export interface OpenedApp {
  readonly tributary: Tributary;
  readonly rounds: TributaryEvents['round'][];
  readonly errors: string[];
}

export async function open(options: {
  readonly url: string;
  readonly task: string;
  readonly plan: 'secure' | 'sealed';
}): Promise<OpenedApp> {
  const { url, task, plan } = options;
  const tributary = await createTributary({
    url,
    task,
    consent: 'granted',
    autoStart: false,
    agreement: { plans: [plan] },
    storage: await createReactNativeStorage({ keyValue: AsyncStorage, key }),
    surroundings: reactNativeSurroundings({
      AppState: { currentState: 'active', addEventListener: () => ({ remove() {} }) },
    }),
  });
  const opened: OpenedApp = { tributary, rounds: [], errors: [] };
  tributary.on('round', (round) => opened.rounds.push(round));
  tributary.on('error', ({ code, message }) => opened.errors.push(`${code}: ${message}`));
  return opened;
}

/** Names of globals that the SDK must do without here. */
export const globalsThatAreThere = [
  'process',
  'Buffer',
  'document',
  'indexedDB',
  'WebAssembly',
  'BroadcastChannel',
  'structuredClone',
  'TextDecoder',
  'URL',
  'EventTarget',
  'Worker',
  'fetch',
  'require',
].filter((name) => name in globalThis);

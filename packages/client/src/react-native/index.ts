/**
 * The SDK in React Native: the core, the React provider and hooks, and what a phone needs beside them. Nothing here asks for a page.
 * Expected of the runtime: React Native 0.74 or newer with Hermes, and `import 'react-native-get-random-values'` before anything else.
 */
export * from '../index.ts';
export * from '../react/hooks.ts';
export type { KeyValueStore } from './key-value.ts';
export {
  createReactNativeStorage,
  deleteReactNativeStorage,
  type ReactNativeStorageOptions,
} from './react-native-storage.ts';
export {
  type AppStateModule,
  type BatteryModule,
  type NetInfoModule,
  type NetInfoState,
  reactNativeSurroundings,
} from './surroundings.ts';

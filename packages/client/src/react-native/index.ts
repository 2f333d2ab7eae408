/**
 * The SDK in React Native: the core, the React provider and hooks, and what a phone needs beside them. Nothing here asks for a page.
 * Expected of the runtime: React Native 0.74 or newer with Hermes, and `import 'react-native-get-random-values'` before anything else.
 */
export * from '../index.ts';
export type { ActivitySummary } from '../react/activity.ts';
export {
  type ConsentResult,
  type DeviceSummaryResult,
  type TrainingResult,
  useConsent,
  useDeviceSummary,
  useTrack,
  useTraining,
  useTributary,
} from '../react/device-hooks.ts';
export type { Instance } from '../react/instance-holder.ts';
export {
  type ExplanationResult,
  type RecommendationsResult,
  type SearchItemsResult,
  type SimilarItemsResult,
  useExplanation,
  useRecommendations,
  useSearch,
  useSimilarItems,
} from '../react/item-hooks.ts';
export type { ProviderOptions } from '../react/open-instance.ts';
export { TributaryProvider, type TributaryProviderProps } from '../react/provider.tsx';
export type { QueryStatus } from '../react/use-query.ts';
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

/** What React has of the SDK without anything of a page: for browsers and phones alike. */
export type { ActivitySummary } from './activity.ts';
export {
  type ConsentResult,
  type DeviceSummaryResult,
  type TrainingResult,
  useConsent,
  useDeviceSummary,
  useTrack,
  useTraining,
  useTributary,
} from './device-hooks.ts';
export type { Instance } from './instance-holder.ts';
export {
  type ExplanationResult,
  type RecommendationsResult,
  type SearchItemsResult,
  type SimilarItemsResult,
  useExplanation,
  useRecommendations,
  useSearch,
  useSimilarItems,
} from './item-hooks.ts';
export type { ProviderOptions } from './open-instance.ts';
export { TributaryProvider, type TributaryProviderProps } from './provider.tsx';
export type { QueryStatus } from './use-query.ts';

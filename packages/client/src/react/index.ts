'use client';
export type { Explanation, HistoryContribution } from '../recommend/explanation.ts';
export type { ItemFilter, ItemQuery, RecommendQuery } from '../recommend/query.ts';
export type { SearchResult } from '../recommend/search.ts';
export type { PersonalData } from '../sdk/personal-data.ts';
/** React over the SDK: a provider, hooks, and a panel where a person sees and governs what her device does. */
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
export { DataPanel, type DataPanelProps } from './panel/data-panel.tsx';
export { bytesText, type ConfirmedLabels, type DataPanelLabels, englishLabels } from './panel/labels.ts';
export { TributaryProvider, type TributaryProviderProps } from './provider.tsx';
export type { QueryStatus } from './use-query.ts';

'use client';
/** React over the SDK: a provider, hooks, and a panel where a person sees and governs what her device does. */
export type { AttributeContribution } from '../recommend/attribute-contributions.ts';
export type { Explanation, HistoryContribution } from '../recommend/explanation.ts';
export type { ItemFilter, ItemQuery, RecommendQuery } from '../recommend/query.ts';
export type { SearchResult } from '../recommend/search.ts';
export type { PersonalData } from '../sdk/personal-data.ts';
export * from './hooks.ts';
export { DataPanel, type DataPanelProps } from './panel/data-panel.tsx';
export { bytesText, type ConfirmedLabels, type DataPanelLabels, englishLabels } from './panel/labels.ts';

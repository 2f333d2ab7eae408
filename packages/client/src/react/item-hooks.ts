/** Hooks whose answers are items of the catalogue, and why an item is one of them. */
import { useCallback } from 'react';
import type { Explanation } from '../recommend/explanation.ts';
import type { RecommendedItem } from '../recommend/item-list.ts';
import type { ItemQuery, RecommendQuery } from '../recommend/query.ts';
import type { Recommendations } from '../recommend/recommend.ts';
import type { SearchResult } from '../recommend/search.ts';
import type { Tributary } from '../sdk/tributary.ts';
import { type QueryResult, type QueryStatus, useQuery, useSameMeaning } from './use-query.ts';

interface Asked extends Pick<QueryResult<unknown>, 'error' | 'refresh'> {
  /** 'loading' until there is an answer; 'ready' while it is being renewed. */
  readonly status: QueryStatus;
}

const noItems: readonly RecommendedItem[] = [];

export interface RecommendationsResult extends Asked {
  /** Best first; empty until there are some. */
  readonly items: readonly RecommendedItem[];
  /** To be passed to `track` with what the person follows. */
  readonly recommendationId: string | undefined;
  readonly basis: Recommendations['basis'] | undefined;
}

/** The person's best items, ranked anew after every tracked event and with every model version. */
export function useRecommendations(query: RecommendQuery = {}): RecommendationsResult {
  const wanted = useSameMeaning(query);
  const question = useCallback((client: Tributary) => client.recommend(wanted), [wanted]);
  const { value, ...asked } = useQuery('useRecommendations()', question, 'kept');
  return {
    ...asked,
    items: value?.items ?? noItems,
    recommendationId: value?.recommendationId,
    basis: value?.basis,
  };
}

export interface SimilarItemsResult extends Asked {
  readonly items: readonly RecommendedItem[];
}

/** Items like this one. */
export function useSimilarItems(itemId: string, query: ItemQuery = {}): SimilarItemsResult {
  const wanted = useSameMeaning(query);
  const question = useCallback((client: Tributary) => client.similar(itemId, wanted), [itemId, wanted]);
  const { value, ...asked } = useQuery('useSimilarItems()', question, 'dropped');
  return { ...asked, items: value ?? noItems };
}

export interface SearchItemsResult extends Asked {
  /** Of the text before while this one has none; empty for a blank text. */
  readonly items: readonly RecommendedItem[];
  readonly basis: SearchResult['basis'] | undefined;
}

/** Items for a free text. The latest text wins: an answer that comes late to an earlier one is dropped. */
export function useSearch(text: string, query: ItemQuery = {}): SearchItemsResult {
  const wanted = useSameMeaning(query);
  const question = useCallback(
    async (client: Tributary): Promise<SearchResult | undefined> =>
      text.trim() === '' ? undefined : client.search(text, wanted),
    [text, wanted],
  );
  const { value, ...asked } = useQuery('useSearch()', question, 'kept');
  return { ...asked, items: value?.items ?? noItems, basis: value?.basis };
}

export interface ExplanationResult extends Asked {
  readonly explanation: Explanation | undefined;
}

/** What of the person's own history speaks for an item, and how much. */
export function useExplanation(itemId: string): ExplanationResult {
  const question = useCallback((client: Tributary) => client.explain(itemId), [itemId]);
  const { value, ...asked } = useQuery('useExplanation()', question, 'dropped');
  return { ...asked, explanation: value };
}

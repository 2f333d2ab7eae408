// @vitest-environment happy-dom
import { act, cleanup, configure, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Explanation } from '../recommend/explanation.ts';
import type { SearchResult } from '../recommend/search.ts';
import { createTributary } from '../sdk/tributary.ts';
import { TributaryProvider, useExplanation, useSearch, useSimilarItems } from './index.ts';

// A busy machine is slow, and that is no failure.
configure({ asyncUtilTimeout: 20_000 });

beforeAll(() => vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true));
afterEach(cleanup);

/** An instance whose questions are answered by hand, in any order; an answer's items are named after the question. */
async function withQuestions() {
  const tributary = await createTributary({ url: 'http://127.0.0.1:9', task: 'films' });
  const asked = new Map<string, () => void>();
  const byHand = <Value,>(make: (name: string) => Value) =>
    vi.fn(
      (name: string, _query?: object) =>
        new Promise<Value>((resolve) => {
          asked.set(name, () => resolve(make(name)));
        }),
    );
  const itemOf = (name: string) => ({ id: name, title: name, score: 1 });
  const methods = {
    search: byHand((text): SearchResult => ({ items: [itemOf(text)], basis: 'words' })),
    similar: byHand((itemId) => [itemOf(`like ${itemId}`)]),
    explain: byHand((itemId): Explanation => ({ itemId, score: 1, base: 1, contributions: [], attributes: [] })),
  };
  const client = Object.assign(Object.create(tributary), methods);
  const wrapper = ({ children }: { readonly children: ReactNode }) => (
    <TributaryProvider client={client}>{children}</TributaryProvider>
  );
  const answer = (name: string) => act(async () => asked.get(name)?.());
  return { tributary, wrapper, answer, ...methods };
}

describe('useSearch', () => {
  it('shows the answer to the latest text, whichever comes last', async () => {
    const { wrapper, answer } = await withQuestions();
    const { result, rerender } = renderHook(({ text }) => useSearch(text, { count: 5 }), {
      wrapper,
      initialProps: { text: 'h' },
    });
    const shown = () => [result.current.status, ...result.current.items.map(({ id }) => id)];
    await answer('h');
    expect(shown()).toEqual(['ready', 'h']);
    rerender({ text: 'he' });
    expect(shown()).toEqual(['loading', 'h']);
    rerender({ text: 'heist' });
    await answer('heist');
    expect(shown()).toEqual(['ready', 'heist']);
    await answer('he');
    expect(shown()).toEqual(['ready', 'heist']);
  });

  it('asks nothing for a blank text', async () => {
    const { wrapper, search } = await withQuestions();
    const { result } = renderHook(() => useSearch('  '), { wrapper });
    await waitFor(() => expect(result.current.status).toBe('ready'));
    expect(result.current).toMatchObject({ items: [], error: null });
    expect(search).not.toHaveBeenCalled();
  });

  it('asks once for a query that is written out in every render', async () => {
    const { wrapper, answer, search } = await withQuestions();
    const { result, rerender } = renderHook(() => useSearch('heist', { attributes: ['genre:crime'] }), { wrapper });
    await answer('heist');
    rerender();
    expect(result.current.status).toBe('ready');
    expect(search.mock.calls).toEqual([['heist', { attributes: ['genre:crime'] }]]);
  });
});

describe('useSimilarItems', () => {
  it('shows nothing of another item while it waits', async () => {
    const { wrapper, answer, similar } = await withQuestions();
    const { result, rerender } = renderHook(({ itemId }) => useSimilarItems(itemId, { count: 3 }), {
      wrapper,
      initialProps: { itemId: 'film-1' },
    });
    await answer('film-1');
    expect(result.current).toMatchObject({ status: 'ready', items: [{ id: 'like film-1' }] });
    rerender({ itemId: 'film-2' });
    expect(result.current).toMatchObject({ status: 'loading', items: [] });
    await answer('film-2');
    expect(result.current).toMatchObject({ status: 'ready', items: [{ id: 'like film-2' }] });
    expect(similar.mock.calls).toEqual([
      ['film-1', { count: 3 }],
      ['film-2', { count: 3 }],
    ]);
  });
});

describe('useExplanation', () => {
  it('is renewed when something is tracked, and stays until the new one is there', async () => {
    const { tributary, wrapper, answer, explain } = await withQuestions();
    const { result } = renderHook(() => useExplanation('film-1'), { wrapper });
    expect(result.current).toMatchObject({ status: 'loading', explanation: undefined });
    await answer('film-1');
    expect(result.current).toMatchObject({ status: 'ready', explanation: { itemId: 'film-1' } });
    const before = result.current.explanation;
    await act(() => tributary.track({ type: 'view', itemId: 'film-2' }));
    expect(explain).toHaveBeenCalledTimes(2);
    expect(result.current).toMatchObject({ status: 'ready', explanation: before });
    await answer('film-1');
    expect(result.current.explanation).not.toBe(before);
  });

  it('asks again when it is told to', async () => {
    const { wrapper, answer, explain } = await withQuestions();
    const { result } = renderHook(() => useExplanation('film-1'), { wrapper });
    await answer('film-1');
    const done = result.current.refresh();
    await answer('film-1');
    await done;
    expect(explain).toHaveBeenCalledTimes(2);
  });
});

// @vitest-environment happy-dom
/** The hooks and the panel of '@tributary/client/react' over a real coordinator. */
import { act, cleanup, configure, renderHook, screen, waitFor } from '@testing-library/react';
import type { TributaryOptions } from '@tributary/client';
import {
  DataPanel,
  englishLabels,
  TributaryProvider,
  useConsent,
  useExplanation,
  useRecommendations,
  useSearch,
  useSimilarItems,
  useTrack,
  useTraining,
  useTributary,
} from '@tributary/client/react';
import { type ReactNode, StrictMode } from 'react';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startProxy, startWorld, task, type World } from './client-world.ts';

// A busy machine is slow, and that is no failure.
configure({ asyncUtilTimeout: 20_000 });

let world: World;
beforeAll(() => vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true));
afterEach(async () => {
  cleanup();
  await world.close();
});

function useAll() {
  return {
    instance: useTributary(),
    recommended: useRecommendations({ count: 5 }),
    consent: useConsent(),
    training: useTraining(),
    track: useTrack(),
    search: useSearch('Thing 7'),
    similar: useSimilarItems('sku-3', { count: 4 }),
    explained: useExplanation('sku-9'),
  };
}

/** A page in strict mode. */
function openPage(url: string) {
  const options: TributaryOptions = { url, task, agreement: { plans: ['sealed'] } };
  const wrapper = ({ children }: { readonly children: ReactNode }) => (
    <StrictMode>
      <TributaryProvider options={options}>
        {children}
        <DataPanel />
      </TributaryProvider>
    </StrictMode>
  );
  return renderHook(useAll, { wrapper });
}

const soon = { timeout: 60_000, interval: 20 };

describe('a page in React', () => {
  it('asks for consent, recommends once there is a model, and anew after each tracked event', async () => {
    world = await startWorld();
    const proxy = await startProxy(world.url);
    const { result, unmount } = openPage(proxy.url);
    await waitFor(() => expect(result.current.recommended.status).toBe('error'), soon);
    expect(result.current.recommended.error).toMatchObject({ code: 'no-model' });
    expect(result.current.consent.status).toBe('pending');
    expect(proxy.accepted()).toBe(0);

    await act(() => result.current.consent.grant());
    await waitFor(() => expect(result.current.recommended.status).toBe('ready'), soon);
    expect(result.current.recommended).toMatchObject({ basis: 'popularity', error: null });
    expect(result.current.training.versionsReceived).toBe(1);
    expect(result.current.training.bytesReceived).toBeGreaterThan(0);
    // Mounted twice by strict mode, and yet one device.
    expect(proxy.accepted()).toBe(1);

    const [first] = result.current.recommended.items;
    const before = result.current.recommended.recommendationId;
    await act(() => result.current.track({ type: 'click', itemId: first.id, recommendationId: before }));
    await waitFor(() => expect(result.current.recommended.basis).toBe('history'), soon);
    expect(result.current.recommended.items.map(({ id }) => id)).not.toContain(first.id);
    expect(result.current.recommended.recommendationId).not.toBe(before);
    expect(result.current.training.events).toBe(1);

    const { client } = result.current.instance;
    unmount();
    expect(await client?.finished).toEqual({ outcome: 'stopped' });
    await proxy.close();
  });

  it('takes part in rounds, shows them, and recommends with what was learned', async () => {
    world = await startWorld();
    const others = await Promise.all(Array.from({ length: 5 }, () => world.device()));
    const { result } = openPage(world.url);
    await act(() => result.current.consent.grant());
    await waitFor(() => expect(result.current.training.state).toBe('waiting'), soon);
    await act(() => result.current.track({ type: 'view', itemId: 'sku-3' }));
    await act(() => result.current.track({ type: 'view', itemId: 'sku-5' }));
    await waitFor(() => expect(result.current.recommended.basis).toBe('history'), soon);
    const before = result.current.recommended.items;

    for (const { tributary } of others) tributary.start();
    await waitFor(() => expect(result.current.training.state).toBe('ended'), soon);
    const { training } = result.current;
    const rounds = await world.store.rounds(task, 100);
    expect(rounds.map(({ outcome }) => outcome)).toEqual(['closed', 'closed', 'closed']);
    expect(training.roundsTakenPartIn).toBeGreaterThan(0);
    expect(training.roundsTakenPartIn).toBeLessThanOrEqual(3);
    expect(training.versionsReceived).toBeGreaterThan(1);
    expect(training.bytesSent).toBeGreaterThan(0);
    expect(training.lastRound?.phase).toBe(training.phase);
    expect(training.error).toBeNull();
    await waitFor(() => expect(result.current.recommended.items).not.toEqual(before), soon);
    const current = await result.current.instance.client?.recommend({ count: 5 });
    expect(result.current.recommended.items).toEqual(current?.items);

    const { search, similar, explained } = result.current;
    expect(search).toMatchObject({ status: 'ready', basis: 'words' });
    expect(search.items[0].title).toBe('Thing 7');
    expect(similar.items).toHaveLength(4);
    expect(similar.items.map(({ id }) => id)).not.toContain('sku-3');
    const explanation = explained.explanation;
    const values = explanation?.contributions.map(({ value }) => value) ?? [];
    expect(values).toHaveLength(2);
    expect((explanation?.base ?? Number.NaN) + values[0] + values[1]).toBeCloseTo(explanation?.score ?? Number.NaN, 5);

    const shown = (name: string) => screen.getByText(name).nextElementSibling?.textContent;
    await waitFor(() => expect(shown(englishLabels.rounds)).toBe(String(training.roundsTakenPartIn)), soon);
    expect(shown(englishLabels.bytesSent)).toBe(englishLabels.bytes(training.bytesSent));
    expect(shown(englishLabels.protection)).toBe(englishLabels.plans.sealed);
    expect(shown(englishLabels.modelVersion)).toMatch(/^After round 3 /);
    expect(world.failures).toEqual([]);
  });

  it('sends nothing more once consent is withdrawn, and recommends all the same', async () => {
    world = await startWorld();
    const proxy = await startProxy(world.url);
    const { result } = openPage(proxy.url);
    await act(() => result.current.consent.grant());
    await waitFor(() => expect(result.current.training.state).toBe('waiting'), soon);
    await act(() => result.current.consent.revoke());
    expect(result.current.consent.status).toBe('denied');
    expect(result.current.training.state).toBe('consent-denied');
    const sent = proxy.bytes('up').length;
    await act(() => result.current.track({ type: 'view', itemId: 'sku-3' }));
    await waitFor(() => expect(result.current.recommended.basis).toBe('history'), soon);
    expect(proxy.bytes('up').length).toBe(sent);
    await proxy.close();
  });
});

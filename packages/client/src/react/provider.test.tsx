// @vitest-environment happy-dom
import { act, cleanup, configure, render, renderHook, screen, waitFor } from '@testing-library/react';
import { type ReactNode, StrictMode, Suspense, use, useEffect } from 'react';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { TributaryOptions } from '../sdk/options.ts';
import { createTributary, type Tributary } from '../sdk/tributary.ts';
import { memoryStorage } from '../storage/memory-storage.ts';
import {
  type ProviderOptions,
  TributaryProvider,
  useConsent,
  useDeviceSummary,
  useExplanation,
  useRecommendations,
  useSearch,
  useSimilarItems,
  useTrack,
  useTraining,
  useTributary,
} from './index.ts';

// A busy machine is slow, and that is no failure.
configure({ asyncUtilTimeout: 20_000 });

beforeAll(() => vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true));
afterEach(cleanup);

const nowhere = { url: 'http://127.0.0.1:9', task: 'films' };

/** Options whose storages are counted: how many were opened, and how many are open. */
function counted(options: Partial<TributaryOptions> = {}) {
  const count = { opened: 0, open: 0 };
  const make: ProviderOptions = () => {
    const storage = memoryStorage();
    count.opened++;
    count.open++;
    return {
      ...nowhere,
      ...options,
      storage: {
        ...storage,
        async close() {
          count.open--;
          await storage.close();
        },
      },
    };
  };
  return { count, make };
}

const around =
  (options: ProviderOptions) =>
  ({ children }: { readonly children: ReactNode }) => (
    <TributaryProvider options={options}>{children}</TributaryProvider>
  );

function Watch({ seen }: { readonly seen: Set<Tributary> }) {
  const { client } = useTributary();
  if (client !== null) seen.add(client);
  return null;
}

function Waits({ for: what, seen }: { readonly for: Promise<void>; readonly seen: Set<Tributary> }) {
  use(what);
  return <Watch seen={seen} />;
}

function TracksAtOnce() {
  const track = useTrack();
  useEffect(() => void track({ type: 'view', itemId: 'film-1' }), [track]);
  return <p>Events: {useTraining().events}</p>;
}

function Banner() {
  const { status, grant } = useConsent();
  return status === 'granted' ? null : (
    <button type="button" onClick={grant}>
      agree
    </button>
  );
}

function Settings() {
  const { status, version, revoke } = useConsent();
  return (
    <button type="button" onClick={revoke}>
      withdraw: {status}, version {version}
    </button>
  );
}

describe('without a provider', () => {
  it.each<[string, () => unknown]>([
    ['useTributary()', useTributary],
    ['useRecommendations()', useRecommendations],
    ['useSimilarItems()', () => useSimilarItems('film-1')],
    ['useSearch()', () => useSearch('heist')],
    ['useExplanation()', () => useExplanation('film-1')],
    ['useTrack()', useTrack],
    ['useConsent()', useConsent],
    ['useTraining()', useTraining],
    ['useDeviceSummary()', useDeviceSummary],
  ])('%s says what to do', (name, hook) => {
    const quiet = vi.spyOn(console, 'error').mockImplementation(() => {});
    expect(() => renderHook(hook)).toThrow(
      expect.objectContaining({ code: 'no-provider', message: expect.stringMatching(/<TributaryProvider options=/) }),
    );
    expect(() => renderHook(hook)).toThrow(name);
    quiet.mockRestore();
  });

  it('a provider with neither options nor a client says what it expects', () => {
    const quiet = vi.spyOn(console, 'error').mockImplementation(() => {});
    expect(() => render(<TributaryProvider {...({} as { options: TributaryOptions })} />)).toThrow(/either options=/);
    quiet.mockRestore();
  });
});

describe('a provider with options', () => {
  it('has one instance in strict mode, and none after it is gone', async () => {
    const { count, make } = counted();
    const seen = new Set<Tributary>();
    const { unmount } = render(
      <StrictMode>
        <TributaryProvider options={make}>
          <Watch seen={seen} />
        </TributaryProvider>
        <TributaryProvider options={make}>
          <Watch seen={seen} />
        </TributaryProvider>
      </StrictMode>,
    );
    await waitFor(() => expect(seen.size).toBe(1));
    expect(count).toEqual({ opened: 1, open: 1 });
    const [client] = seen;
    expect(client.state).toBe('consent-pending');
    unmount();
    await client.finished;
    expect(client.state).toBe('stopped');
    await waitFor(() => expect(count).toEqual({ opened: 1, open: 0 }));
  });

  it('leaves nothing running when it goes before its instance is made', async () => {
    const { count, make } = counted();
    render(
      <StrictMode>
        <TributaryProvider options={make} />
      </StrictMode>,
    ).unmount();
    await waitFor(() => expect(count).toEqual({ opened: 1, open: 0 }));
  });

  it('makes no instance for what is suspended before it is shown, and keeps the one of what is suspended later', async () => {
    const { count, make } = counted();
    const seen = new Set<Tributary>();
    let open = () => {};
    const first = new Promise<void>((resolve) => {
      open = resolve;
    });
    const page = (what: Promise<void>) => (
      <StrictMode>
        <Suspense fallback="a moment">
          <TributaryProvider options={make}>
            <Waits for={what} seen={seen} />
          </TributaryProvider>
        </Suspense>
      </StrictMode>
    );
    const { rerender } = await act(async () => render(page(first)));
    await screen.findByText('a moment');
    expect(count.opened).toBe(0);
    await act(async () => open());
    await waitFor(() => expect(seen.size).toBe(1));
    await act(async () => rerender(page(new Promise<void>(() => {}))));
    await screen.findByText('a moment');
    await act(() => new Promise((resolve) => setTimeout(resolve, 20)));
    expect(count).toEqual({ opened: 1, open: 1 });
    expect([...seen][0].state).toBe('consent-pending');
  });

  it('opens anew when it comes back, after the one before has closed', async () => {
    const { count, make } = counted();
    const first = renderHook(useTributary, { wrapper: around(make) });
    await waitFor(() => expect(first.result.current.status).toBe('ready'));
    first.unmount();
    const second = renderHook(useTributary, { wrapper: around(make) });
    await waitFor(() => expect(second.result.current.status).toBe('ready'));
    expect(second.result.current.client?.state).toBe('consent-pending');
    expect(count.open).toBe(1);
  });

  it('hands an error of the options to every hook', async () => {
    const { result } = renderHook(
      () => ({ instance: useTributary(), recommended: useRecommendations(), track: useTrack() }),
      { wrapper: around({ ...nowhere, task: 'Not A Task' }) },
    );
    await waitFor(() => expect(result.current.instance).toMatchObject({ status: 'error' }));
    expect(result.current.recommended).toMatchObject({ status: 'error', error: { code: 'invalid-option' } });
    await expect(result.current.track({ type: 'view', itemId: 'a' })).rejects.toMatchObject({ code: 'invalid-option' });
  });
});

describe('a provider with a client', () => {
  it('leaves it running', async () => {
    const client = await createTributary(nowhere);
    const { result, unmount } = renderHook(useTributary, {
      wrapper: ({ children }: { readonly children: ReactNode }) => (
        <TributaryProvider client={client}>{children}</TributaryProvider>
      ),
    });
    expect(result.current).toEqual({ status: 'ready', client, error: null });
    unmount();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(client.state).toBe('consent-pending');
    await client.stop();
  });
});

describe('a page that a server has rendered', () => {
  it('is taken over without a mismatch, whatever this person has decided', async () => {
    const client = await createTributary({ ...nowhere, consent: 'granted', autoStart: false });
    const page = (
      <TributaryProvider client={client}>
        <Settings />
      </TributaryProvider>
    );
    const container = document.createElement('div');
    document.body.append(container);
    container.innerHTML = renderToString(page);
    expect(container.textContent).toContain('withdraw: pending');
    const complaints = vi.spyOn(console, 'error');
    render(page, { container, hydrate: true });
    await screen.findByText('withdraw: granted, version 1');
    expect(complaints).not.toHaveBeenCalled();
    complaints.mockRestore();
    await client.stop();
  });
});

describe('useTrack', () => {
  it('keeps what is tracked by an effect, before the instance is there', async () => {
    render(
      <TributaryProvider options={nowhere}>
        <TracksAtOnce />
      </TributaryProvider>,
    );
    await screen.findByText('Events: 1');
  });

  it('gives the same function in every render', async () => {
    const { result, rerender } = renderHook(() => ({ track: useTrack(), instance: useTributary() }), {
      wrapper: around({ ...nowhere }),
    });
    const { track } = result.current;
    await waitFor(() => expect(result.current.instance.status).toBe('ready'));
    rerender();
    expect(result.current.track).toBe(track);
  });

  it('refuses what is no event, as track does', async () => {
    const { result } = renderHook(useTrack, { wrapper: around({ ...nowhere }) });
    await act(() =>
      expect(result.current({ type: '', itemId: 'film-1' })).rejects.toMatchObject({ code: 'invalid-event' }),
    );
  });
});

describe('useConsent', () => {
  it('is one decision, asked and shown by several components', async () => {
    render(
      <TributaryProvider options={{ ...nowhere, consentVersion: '7', autoStart: false }}>
        <Banner />
        <Settings />
      </TributaryProvider>,
    );
    await screen.findByText('withdraw: pending, version 7');
    act(() => screen.getByText('agree').click());
    await screen.findByText('withdraw: granted, version 7');
    expect(screen.queryByText('agree')).toBeNull();
    act(() => screen.getByText(/^withdraw/).click());
    await screen.findByText('withdraw: denied, version 7');
    expect(screen.getByText('agree')).not.toBeNull();
  });
});

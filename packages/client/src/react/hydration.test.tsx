// @vitest-environment happy-dom
/** A page that a server has rendered, and that comes to life where the instance is there already. */
import { cleanup, configure, render, waitFor } from '@testing-library/react';
import { StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { DataPanel, TributaryProvider, useConsent, useDeviceSummary, useTraining, useTributary } from './index.ts';

// A busy machine is slow, and that is no failure.
configure({ asyncUtilTimeout: 20_000 });

beforeAll(() => vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true));
afterEach(cleanup);

function Island({ seen }: { readonly seen: unknown[] }) {
  const { status, client } = useTributary();
  seen.push(client);
  const consent = useConsent();
  const { state, events } = useTraining();
  const { summary } = useDeviceSummary();
  return (
    <p>
      {status} {consent.status} {consent.version ?? '-'} {state} {events} {summary?.events ?? '-'}
    </p>
  );
}

it('hydrates a second root as a server has rendered it, with the one instance that the first root has made', async () => {
  const options = {
    ...{ url: 'http://127.0.0.1:9', task: 'films', consentVersion: '3', autoStart: false },
    consent: 'denied',
  } as const;
  const pageOf = (seen: unknown[]) => (
    <StrictMode>
      <TributaryProvider options={options}>
        <Island seen={seen} />
        <DataPanel />
      </TributaryProvider>
    </StrictMode>
  );
  const container = document.createElement('div');
  document.body.append(container);
  container.innerHTML = renderToString(pageOf([]));
  expect(container.querySelector('p')?.textContent).toBe('loading pending - idle 0 -');

  const firstSeen: unknown[] = [];
  const first = render(pageOf(firstSeen));
  const shown = () => first.container.querySelector('p')?.textContent;
  await waitFor(() => expect(shown()).toBe('ready denied 3 idle 0 0'));

  const complaints = vi.spyOn(console, 'error');
  const recovered = vi.fn();
  const secondSeen: unknown[] = [];
  render(pageOf(secondSeen), { container, hydrate: true, onRecoverableError: recovered });
  expect(secondSeen[0]).toBeNull();
  await waitFor(() => expect(container.querySelector('p')?.textContent).toBe('ready denied 3 idle 0 0'));
  expect(complaints).not.toHaveBeenCalled();
  expect(recovered).not.toHaveBeenCalled();
  expect(secondSeen.at(-1)).toBe(firstSeen.at(-1));

  first.unmount();
  // An instance that nobody holds is stopped.
  await waitFor(() => expect(secondSeen.at(-1)).toMatchObject({ state: 'idle' }));
  complaints.mockRestore();
});

/** A server, where there is neither a window nor an instance. */
import { renderToString } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { createTributary } from '../sdk/tributary.ts';
import { memoryStorage } from '../storage/memory-storage.ts';
import {
  DataPanel,
  englishLabels,
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

function Everything() {
  useTrack();
  return JSON.stringify([
    useTributary().status,
    useRecommendations({ count: 3 }).status,
    useSimilarItems('film-1').status,
    useSearch('heist').status,
    useExplanation('film-1').status,
    useDeviceSummary().status,
    useConsent().status,
    useTraining().state,
  ]).replaceAll('"', '');
}

describe('rendered on a server', () => {
  it('the hooks say that all is to come, and no instance is made', async () => {
    expect(globalThis.window).toBeUndefined();
    let asked = 0;
    const options: ProviderOptions = () => {
      asked++;
      return { url: 'http://127.0.0.1:9', task: 'films' };
    };
    const html = renderToString(
      <TributaryProvider options={options}>
        <Everything />
      </TributaryProvider>,
    ).replaceAll('&quot;', '');
    expect(html).toBe('[loading,loading,loading,loading,loading,loading,pending,idle]');
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(asked).toBe(0);
  });

  it('the panel says that it is loading', () => {
    const html = renderToString(
      <TributaryProvider options={{ url: 'http://127.0.0.1:9', task: 'films' }}>
        <DataPanel />
      </TributaryProvider>,
    );
    expect(html).toContain(englishLabels.loading);
    expect(html).not.toContain('<button');
  });

  it('options alone touch no storage', async () => {
    let touched = 0;
    const storage = new Proxy(memoryStorage(), {
      get(target, name) {
        touched++;
        return Reflect.get(target, name);
      },
    });
    renderToString(
      <TributaryProvider options={{ url: 'http://127.0.0.1:9', task: 'films', storage }}>
        <Everything />
      </TributaryProvider>,
    );
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(touched).toBe(0);
  });

  it("a person's decision is not in the page: what is hydrated starts as everybody's", async () => {
    const client = await createTributary({ url: 'http://127.0.0.1:9', task: 'films', consent: 'denied' });
    const html = renderToString(
      <TributaryProvider client={client}>
        <Everything />
      </TributaryProvider>,
    );
    expect(html).toContain('pending,idle');
    await client.stop();
  });
});

/** The SDK in a Web Worker, and what a browser computes beside what Node does. */
import { type Item, itemText } from '@tributary/model';
import { createTextModel, openBuiltInEncoder } from '@tributary/model/encoder';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../packages/client/src/testing/until.ts';
import { startWorld, task, taskDocument, type World } from '../integration/client-world.ts';
import { chromiumPath, launchChromium, noChromium } from './chromium.ts';
import { type Pages, servePages } from './pages.ts';
import { specifications, trainOnce } from './parity-training.ts';

const document = taskDocument({
  cohort: { target: 21, minimum: 20, overSelection: 1, selectionSeconds: 20, collectionSeconds: 60, phaseSeconds: 20 },
  privacy: { plan: 'secure', clipNorm: 1, noise: { placement: 'distributed', delta: 1e-5, budget: 50 } },
  rounds: 1,
});

describe.skipIf(chromiumPath === null)(`a worker in ${chromiumPath ?? noChromium}`, () => {
  let browser: Browser;
  let pages: Pages;
  let world: World | null = null;
  beforeAll(async () => {
    browser = await launchChromium();
    pages = await servePages({
      page: 'test/browser/page.ts',
      worker: 'packages/client/src/worker/index.ts',
      'text-worker': 'test/browser/text-worker.ts',
    });
  });
  afterAll(async () => {
    await browser?.close();
    await pages?.close();
  });
  afterEach(async () => {
    await world?.close();
    world = null;
  });

  async function newPage(from = pages): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    await page.goto(from.url);
    await page.waitForFunction(() => globalThis.device !== undefined);
    return page;
  }
  const open = (page: Page, options: object, script: 'worker' | 'text-worker' = 'worker') =>
    page.evaluate(([given, where]) => globalThis.device.open(given as never, where), [options, script] as const);

  it('takes part in a round for its page, which sees all of it', async () => {
    world = await startWorld(document, 60);
    const page = await newPage();
    await open(page, { url: world.url, task });
    await page.evaluate(async () => {
      for (const itemId of ['sku-3', 'sku-5']) await globalThis.device.tributary?.track({ type: 'view', itemId });
      await globalThis.device.tributary?.consent.grant();
    });
    expect(await page.evaluate(() => globalThis.device.tributary?.consent.status)).toBe('granted');
    const nodes = await Promise.all(Array.from({ length: 20 }, () => (world as World).device()));
    for (const { tributary } of nodes) tributary.start();
    const outcome = await page.evaluate(() => globalThis.device.tributary?.finished);
    expect(outcome).toMatchObject({ outcome: 'ended' });
    await until(() => true);
    const { phases, state, ids, events, data } = await page.evaluate(async () => ({
      phases: globalThis.device.phases,
      state: globalThis.device.tributary?.state,
      events: globalThis.device.tributary?.events,
      ids: (await globalThis.device.tributary?.recommend({ count: 5 }))?.items.map(({ id }) => id),
      data: await globalThis.device.tributary?.exportData(),
    }));
    expect(phases).toContain('1 masking');
    expect(phases).toContain('1 uploaded');
    expect(state).toBe('ended');
    expect(events).toBe(2);
    expect(ids).toHaveLength(5);
    expect(data).toMatchObject({
      task,
      interactions: [{ itemId: 'sku-3' }, { itemId: 'sku-5' }],
      participation: { lastRound: 1 },
    });
    expect(JSON.stringify(data)).not.toContain('secretKey');
    expect(await world.store.rounds(task, 1)).toMatchObject([{ outcome: 'closed', contributions: 21 }]);
  });

  it('searches by what texts mean where its own script brings an encoder, and finds what Node finds', async () => {
    const titles = [
      'A detective in the rain',
      'How bread is baked',
      'Two children find a dragon',
      'Football on Sundays',
    ];
    const items: Item[] = titles.map((title, i) => ({ id: `sku-${i}`, title, attributes: [], description: '' }));
    world = await startWorld(document, items);
    const text = 'a police officer looks for a murderer';
    const model = await createTextModel(await openBuiltInEncoder(), { backend: 'cpu' });
    const [asked, ...encoded] = await Promise.all([text, ...items.map(itemText)].map((each) => model.encode([each])));
    model.dispose();
    const length = (of: Float32Array) => Math.hypot(...of);
    const cosine = (of: Float32Array) =>
      of.reduce((sum, value, at) => sum + value * asked[at], 0) / length(of) / length(asked);
    const expected = items
      .map(({ id }, i) => ({ id, score: cosine(encoded[i]) }))
      .sort((one, other) => other.score - one.score);
    const page = await newPage();
    await open(page, { url: world.url, task, consent: 'granted' }, 'text-worker');
    // By words until the items are encoded.
    const found = await page.evaluate(async (wanted) => {
      for (;;) {
        const result = await globalThis.device.tributary?.search(wanted);
        if (result?.basis === 'encoder') return result.items;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }, text);
    expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    for (const [at, { score }] of found.entries()) expect(score).toBeCloseTo(expected[at].score, 3);
  });

  it('gives its page the errors that the SDK would have given', async () => {
    world = await startWorld(document, 60);
    const page = await newPage();
    const codeOf = (call: () => Promise<unknown>) =>
      page.evaluate(`(${call})().then(() => 'none', (error) => error.name + ' ' + error.code)`);
    expect(await codeOf(() => globalThis.device.open({ url: 'nowhere', task: 'shop' }, 'worker'))).toBe(
      'TributaryError invalid-option',
    );
    await open(page, { url: world.url, task });
    expect(await codeOf(async () => globalThis.device.tributary?.recommend())).toBe('TributaryError no-model');
    expect(await codeOf(async () => globalThis.device.tributary?.track({ type: '', itemId: 'a' }))).toBe(
      'TributaryError invalid-event',
    );
    expect(
      await codeOf(async () =>
        globalThis.device.tributary?.track({ type: 'view', itemId: 'a', at: (() => 1) as never }),
      ),
    ).toBe('TributaryError invalid-option');
    await page.evaluate(() => Promise.all([globalThis.device.tributary?.stop(), globalThis.device.tributary?.stop()]));
    expect(await codeOf(async () => globalThis.device.tributary?.track({ type: 'view', itemId: 'a' }))).toBe(
      'TributaryError stopped',
    );
  });

  it('waits while the browser is offline or the page is hidden, as the page tells it, and while it is paused', async () => {
    world = await startWorld(document, 60);
    const page = await newPage();
    await open(page, { url: world.url, task, consent: 'granted', conditions: { hidden: false } });
    const settled = (state: string) =>
      page.waitForFunction((wanted) => globalThis.device.tributary?.state === wanted, state);
    const obstacles = () => page.evaluate(() => globalThis.device.tributary?.obstacles);
    await settled('waiting');
    await page.context().setOffline(true);
    await settled('deferred');
    expect(await obstacles()).toEqual(['offline']);
    await page.context().setOffline(false);
    await settled('waiting');
    await page.evaluate(() => {
      Object.defineProperty(globalThis.document, 'visibilityState', { value: 'hidden', configurable: true });
      globalThis.document.dispatchEvent(new Event('visibilitychange'));
    });
    await settled('deferred');
    expect(await obstacles()).toEqual(['hidden']);
    await page.evaluate(() => {
      Reflect.deleteProperty(globalThis.document, 'visibilityState');
      globalThis.document.dispatchEvent(new Event('visibilitychange'));
    });
    await settled('waiting');
    await page.evaluate(() => globalThis.device.tributary?.pause());
    await settled('paused');
    await page.evaluate(() => globalThis.device.tributary?.resume());
    await settled('waiting');
  });

  it('trains where a policy forbids WebAssembly', async () => {
    const strict = await servePages({ page: 'test/browser/page.ts' }, false);
    try {
      const page = await newPage(strict);
      const refused = await page.evaluate(() => {
        try {
          new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
          return 'compiled';
        } catch (error) {
          return (error as Error).name;
        }
      });
      expect(refused).toBe('CompileError');
      const there = await page.evaluate(() => globalThis.device.trainOnce('implicit-als'));
      const here = trainOnce('implicit-als');
      const size = Math.max(...here.contribution.map(Math.abs));
      const apart = here.contribution.map((value, at) => Math.abs(value - there.contribution[at]) / size);
      expect(Math.max(...apart)).toBeLessThan(1e-5);
    } finally {
      await strict.close();
    }
  });

  it.each(Object.keys(specifications))('trains %s as Node does, to the last bits of a float32', async (name) => {
    const page = await newPage();
    const there = await page.evaluate((kind) => globalThis.device.trainOnce(kind), name);
    const here = trainOnce(name);
    for (const part of ['contribution', 'scores'] as const) {
      const size = Math.max(...here[part].map(Math.abs));
      expect(size).toBeGreaterThan(0);
      const apart = here[part].map((value, at) => Math.abs(value - there[part][at]) / size);
      expect(Math.max(...apart)).toBeLessThan(1e-6);
    }
  });
});

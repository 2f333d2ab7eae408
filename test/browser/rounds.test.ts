/**
 * Five pages in real Chromium and fifteen devices in Node train together, masked and under noise, and things go wrong on the way: a
 * closed tab, a network that is cut, a reload, a second tab, a consent that is withdrawn.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../packages/client/src/testing/until.ts';
import { eventsNamed, websocketFrames } from '../adversarial/websocket-frames.ts';
import { startProxy, startWorld, task, taskDocument, type World } from '../integration/client-world.ts';
import { chromiumPath, launchChromium, noChromium } from './chromium.ts';
import { type Pages, servePages } from './pages.ts';

const document = taskDocument({
  rounds: 50,
  model: { kind: 'implicit-als', dimension: 8 },
  cohort: { target: 30, minimum: 20, overSelection: 1, selectionSeconds: 4, collectionSeconds: 60, phaseSeconds: 15 },
  privacy: { plan: 'secure', clipNorm: 1, noise: { placement: 'distributed', delta: 1e-5, budget: 50 } },
});
/** Of every page: an order that no catalogue has, with a text that would be recognised. */
const liked = [41, 7, 29, 17, 2].map((item) => `sku-${item}`);

type Proxy = Awaited<ReturnType<typeof startProxy>>;

interface BrowserDevice {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly proxy: Proxy;
}

describe.skipIf(chromiumPath === null)(`devices in ${chromiumPath ?? noChromium}`, () => {
  let browser: Browser;
  let pages: Pages;
  let world: World;
  const devices: BrowserDevice[] = [];
  const consoleErrors: string[] = [];

  const open = (page: Page, url: string, consent: 'pending' | 'granted' = 'pending') =>
    page.evaluate(
      (options) =>
        globalThis.device.open({ ...options, backoff: { baseMilliseconds: 30, maximumMilliseconds: 300 } } as never),
      { url, task, consent },
    );
  const stateOf = (page: Page) => page.evaluate(() => globalThis.device.tributary?.state);
  const phasesOf = (page: Page) => page.evaluate(() => globalThis.device.phases);
  const recommended = (page: Page) =>
    page.evaluate(async () => {
      const answer = await globalThis.device.tributary?.recommend({ count: 10 });
      return { basis: answer?.basis, ids: answer?.items.map(({ id }) => id) };
    });

  const closedRounds = () => world.coordinator.view(task)?.closedRounds ?? 0;
  const roundNamed = async (round: number) => (await world.store.rounds(task, 10)).find((one) => one.round === round);
  async function moreInNode(count: number): Promise<void> {
    const nodes = await Promise.all(Array.from({ length: count }, () => world.device()));
    for (const { tributary } of nodes) tributary.start();
  }

  async function newPage(context: BrowserContext): Promise<Page> {
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') consoleErrors.push(message.text());
    });
    page.on('pageerror', (error) => consoleErrors.push(error.message));
    await page.goto(pages.url);
    await page.waitForFunction(() => globalThis.device !== undefined);
    return page;
  }

  beforeAll(async () => {
    browser = await launchChromium();
    pages = await servePages({ page: 'test/browser/page.ts' });
    world = await startWorld(document, 60);
    for (let at = 0; at < 5; at++) {
      const proxy = await startProxy(world.url);
      const context = await browser.newContext();
      const page = await newPage(context);
      await open(page, proxy.url);
      devices.push({ context, page, proxy });
    }
  });
  afterAll(async () => {
    await browser?.close();
    for (const { proxy } of devices) await proxy.close();
    await world?.close();
    await pages?.close();
  });

  it('send nothing before there is consent, and keep what is tracked', async () => {
    for (const { page, proxy } of devices) {
      for (const itemId of liked) {
        await page.evaluate((id) => globalThis.device.tributary?.track({ type: 'view', itemId: id }), itemId);
      }
      expect(await stateOf(page)).toBe('consent-pending');
      expect(proxy.accepted()).toBe(0);
    }
    await devices[0].page.reload();
    await devices[0].page.waitForFunction(() => globalThis.device !== undefined);
    await open(devices[0].page, devices[0].proxy.url);
    expect(await devices[0].page.evaluate(() => globalThis.device.tributary?.events)).toBe(liked.length);
    expect(devices[0].proxy.accepted()).toBe(0);
  });

  it('complete a round together with devices in Node, and recommend from what came of it', async () => {
    for (const { page } of devices) {
      await page.evaluate(() => globalThis.device.tributary?.consent.grant());
      await page.waitForFunction(() => globalThis.device.tributary?.state === 'waiting');
      await page.waitForFunction(() => globalThis.device.versions.includes(0));
    }
    const before = await recommended(devices[0].page);
    await moreInNode(15);
    await until(() => closedRounds() >= 1, 40_000);
    expect(await roundNamed(1)).toMatchObject({ outcome: 'closed', contributions: 20 });
    for (const { page } of devices) {
      const phases = await phasesOf(page);
      for (const phase of ['keying', 'sharing', 'masking', 'uploaded']) expect(phases).toContain(`1 ${phase}`);
    }
    // It was looking, so what came of its own round is fetched at once.
    await devices[0].page.waitForFunction(() => globalThis.device.versions.includes(1));
    const after = await recommended(devices[0].page);
    expect(after.basis).toBe('history');
    expect(after.ids).toHaveLength(10);
    expect(after.ids).not.toEqual(before.ids);
  });

  it('let no item, no text and no unmasked vector out', () => {
    for (const { proxy } of devices) {
      const up = proxy.bytes('up');
      const text = Buffer.from(up).toString('latin1');
      const frames = websocketFrames(up);
      const readable = frames.map(({ payload }) => Buffer.from(payload).toString('latin1')).join();
      for (const word of ['sku-', 'view', 'Thing']) {
        expect(readable).not.toContain(word);
        expect(text).not.toContain(word);
      }
      const chunks = eventsNamed(frames, 'uploadChunk');
      expect(chunks.length).toBeGreaterThan(0);
      for (const chunk of chunks) expect(looksUniform(chunk)).toBe(true);
    }
    const plain = new Float32Array(2000).map((_, at) => Math.sin(at) / 100);
    expect(looksUniform(new Uint8Array(plain.buffer))).toBe(false);
  });

  it('go on when a tab closes, a network is cut, a page reloads and a consent is withdrawn', async () => {
    const [closing, cut, reloading, leaving] = devices;
    const ready = Promise.all([
      closing.page.waitForFunction(() => globalThis.device.phases.includes('2 training')),
      reloading.page.waitForFunction(() => globalThis.device.phases.includes('2 training')),
      leaving.page.waitForFunction(() => globalThis.device.phases.includes('2 sharing')),
    ]);
    cut.proxy.cutAfter('up', 60_000);
    await moreInNode(14);
    await ready;
    await closing.page.close();
    await leaving.page.evaluate(() => globalThis.device.tributary?.consent.revoke());
    // The goodbye is the last that passes.
    await until(() => leaving.proxy.open() === 0);
    const sent = leaving.proxy.bytes('up').length;
    await reloading.page.reload();
    await reloading.page.waitForFunction(() => globalThis.device !== undefined);
    await open(reloading.page, reloading.proxy.url);
    await until(() => closedRounds() >= 2, 40_000);
    expect(await stateOf(leaving.page)).toBe('consent-denied');
    expect(leaving.proxy.bytes('up').length).toBe(sent);
    // Consent, events and identity were kept over the reload.
    await reloading.page.waitForFunction(() => globalThis.device.tributary?.state === 'waiting');
    expect(await reloading.page.evaluate(() => globalThis.device.tributary?.events)).toBe(liked.length);
    await cut.page.waitForFunction(() => globalThis.device.tributary?.state === 'waiting');
    expect(world.failures).toEqual([]);
  });

  it('take part in one tab at a time; both show the same, and the second takes over', async () => {
    const { context, page, proxy } = devices[4];
    const second = await newPage(context);
    await open(second, proxy.url);
    await second.waitForFunction(() => globalThis.device.tributary?.state === 'standby');
    await page.evaluate(() => globalThis.device.tributary?.track({ type: 'view', itemId: 'sku-50' }));
    await second.waitForFunction((count) => globalThis.device.tributary?.events === count, liked.length + 1);
    // Rounds go on meanwhile: a version may come between two looks.
    await expect
      .poll(async () => [(await recommended(second)).ids, (await recommended(page)).ids])
      .toSatisfy(([shown, other]) => isDeepStrictEqual(shown, other));
    await second.evaluate(() => globalThis.device.tributary?.forget());
    await page.waitForFunction(() => globalThis.device.tributary?.events === 0);
    expect((await recommended(page)).basis).toBe('popularity');
    await page.evaluate(() => globalThis.device.tributary?.track({ type: 'view', itemId: 'sku-50' }));
    // Whichever of them it is now, one takes part.
    await expect.poll(async () => [await stateOf(page), await stateOf(second)].sort()).toEqual(['standby', 'waiting']);
    await page.close();
    await second.waitForFunction(() => globalThis.device.tributary?.state === 'waiting');
    await second.evaluate(() => globalThis.device.tributary?.forget());
    expect((await recommended(second)).basis).toBe('popularity');
    await second.evaluate(() => globalThis.device.tributary?.wipe());
    expect(await stateOf(second)).toBe('stopped');
    expect(await second.evaluate(async () => (await indexedDB.databases()).length)).toBe(1);
  });

  it('write no error to the console', () => {
    expect(consoleErrors.filter((text) => !/WebSocket connection to/.test(text))).toEqual([]);
  });
});

/** Whether bytes are spread as random ones: chi-square over 16 values of the low half-bytes, false alarm about 1e-9. */
function looksUniform(bytes: Uint8Array): boolean {
  const counts = new Float64Array(16);
  for (const byte of bytes) counts[byte & 15] += 1;
  const expected = bytes.length / 16;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0) < 75;
}

/** A device in real Chromium whose storage fails under it: full, cleared while it runs, or refused from the start. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startWorld, task, type World } from '../integration/client-world.ts';
import { chromiumPath, launchChromium, launchProfile, noChromium } from './chromium.ts';
import { type Pages, servePages } from './pages.ts';

describe.skipIf(chromiumPath === null)(`a device in ${chromiumPath ?? noChromium}`, () => {
  let pages: Pages;
  let browser: Browser;
  let world: World;
  let context: BrowserContext;
  let page: Page;
  let devtools: CDPSession;
  beforeAll(async () => {
    pages = await servePages({ page: 'test/browser/storage-page.ts' });
    browser = await launchChromium();
    world = await startWorld();
  });
  afterAll(async () => {
    await browser?.close();
    await pages?.close();
    await world?.close();
  });
  beforeEach(async () => {
    context = await browser.newContext();
    page = await newPage(context);
    devtools = await context.newCDPSession(page);
  });
  afterEach(() => context.close());

  async function newPage(of: BrowserContext): Promise<Page> {
    const made = await of.newPage();
    await made.goto(pages.url);
    await made.waitForFunction(() => globalThis.storagePage !== undefined);
    return made;
  }
  async function open(on = page, consent: 'granted' | 'pending' = 'granted'): Promise<void> {
    await on.waitForFunction(() => globalThis.storagePage !== undefined);
    await on.evaluate((options) => globalThis.storagePage.openDevice(options as never), {
      url: world.url,
      task,
      consent,
      agreement: { plans: ['sealed'] },
    });
  }
  const track = (n: number, on = page) =>
    on.evaluate((itemId) => globalThis.storagePage.track({ type: 'view', itemId }), `sku-${n}`);
  const recommended = (on = page) =>
    on.evaluate(async () => {
      const { items, basis } = await globalThis.storagePage.device().recommend({ count: 5 });
      return { basis, count: items.length };
    });
  const kept = (on = page) =>
    on.evaluate(async () => {
      const device = globalThis.storagePage.device();
      return { events: device.events, stored: (await device.exportData()).interactions.length };
    });
  const deviceId = (on = page) => on.evaluate(() => globalThis.storagePage.device().deviceId);
  const limit = (quota: { quotaSize?: number } = {}) =>
    devtools.send('Storage.overrideQuotaForOrigin', { origin: pages.url, ...quota });

  it('refuses on a full site to track what it cannot keep, recommends all the same, and has all of it after a reload', async () => {
    await limit({ quotaSize: 3_000_000 });
    await open();
    expect(await recommended()).toEqual({ basis: 'popularity', count: 5 });
    for (const n of [1, 2, 3]) expect(await track(n)).toBe('tracked');
    await page.evaluate(() => globalThis.storagePage.fill());
    let tracked = 3;
    let answer = 'tracked';
    while (answer === 'tracked' && tracked < 40) {
      answer = await track(tracked + 1);
      if (answer === 'tracked') tracked++;
    }
    expect(answer).toMatch(/^storage-failed: .*the quota of this site is used up/);
    expect(await kept()).toEqual({ events: tracked, stored: tracked });
    expect(await recommended()).toEqual({ basis: 'history', count: 5 });
    const before = await deviceId();
    await page.reload();
    await open();
    expect(await deviceId()).toBe(before);
    expect(await kept()).toEqual({ events: tracked, stored: tracked });
    expect(await recommended()).toEqual({ basis: 'history', count: 5 });
    await limit();
    expect(await track(tracked + 1)).toBe('tracked');
  });

  it('says that its data were cleared, recommends until the page closes, and is a new device after that', async () => {
    await open();
    for (const n of [1, 2]) expect(await track(n)).toBe('tracked');
    expect(await recommended()).toEqual({ basis: 'history', count: 5 });
    const before = await deviceId();
    await devtools.send('Storage.clearDataForOrigin', { origin: pages.url, storageTypes: 'all' });
    expect(await track(3)).toMatch(/^storage-failed: .*cleared/);
    expect(await recommended()).toEqual({ basis: 'history', count: 5 });
    await page.reload();
    await open(page, 'pending');
    expect(await kept()).toEqual({ events: 0, stored: 0 });
    expect(await deviceId()).not.toBe(before);
    expect(await page.evaluate(() => globalThis.storagePage.device().consent.status)).toBe('pending');
  });

  it('goes on in memory where the person lets no site keep anything, and says so', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-profile-'));
    await mkdir(join(folder, 'Default'));
    // As "block all cookies" in the browser's settings.
    const settings = { profile: { default_content_setting_values: { cookies: 2 } } };
    await writeFile(join(folder, 'Default', 'Preferences'), JSON.stringify(settings));
    const profile = await launchProfile(folder);
    try {
      const refused = await newPage(profile);
      await open(refused);
      expect(await track(1, refused)).toBe('tracked');
      expect(await recommended(refused)).toEqual({ basis: 'history', count: 5 });
      const logged = await refused.evaluate(() => globalThis.storagePage.logged);
      expect(logged).toEqual([
        expect.stringMatching(/^Cannot use the browser's storage: .* forgotten when it closes\.$/),
      ]);
    } finally {
      await profile.close();
      await rm(folder, { recursive: true });
    }
  });
});

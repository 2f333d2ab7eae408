/** The browser's storage as it is in real Chromium: on disk and in a private window, over restarts, full, refused and cleared. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Storage } from '@tributary/client';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeStorage } from '../../packages/client/src/storage/storage-contract.cases.ts';
import { chromiumPath, launchChromium, launchProfile, noChromium } from './chromium.ts';
import { type Pages, servePages } from './pages.ts';
import { openRemoteStorage } from './remote-storage.ts';

const event = (n: number) => ({ type: 'view', itemId: `sku-${n}`, at: n });
const blob = (bytes: number) => {
  const made = new Uint8Array(randomBytes(bytes));
  return [createHash('sha256').update(made).digest('hex'), made] as const;
};

let pages: Pages;
let browser: Browser;
let folder: string;
let profile: BrowserContext;
beforeAll(async () => {
  if (chromiumPath === null) return;
  pages = await servePages({ page: 'test/browser/storage-page.ts' });
  browser = await launchChromium();
  folder = await mkdtemp(join(tmpdir(), 'tributary-profile-'));
  profile = await launchProfile(folder);
});
afterAll(async () => {
  await profile?.close();
  await browser?.close();
  await pages?.close();
  if (folder !== undefined) await rm(folder, { recursive: true });
});

async function newPage(context: BrowserContext, url = pages.url): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction(() => globalThis.storagePage !== undefined);
  return page;
}

describe.skipIf(chromiumPath === null)(`in ${chromiumPath ?? noChromium}`, () => {
  let databases = 0;
  const opened: Storage[] = [];
  afterEach(async () => {
    for (const storage of opened.splice(0)) await storage.close().catch(() => {});
  });
  async function open(page: Page, name = `contract-${databases++}`): Promise<Storage> {
    const storage = await openRemoteStorage(page, name);
    opened.push(storage);
    return storage;
  }
  const kinds = new Map<string, Page>();
  const pageOf = async (kind: string, context: () => BrowserContext | Promise<BrowserContext>) => {
    const known = kinds.get(kind) ?? (await newPage(await context()));
    kinds.set(kind, known);
    return known;
  };
  describeStorage('indexedDbStorage of a profile on disk', async () => open(await pageOf('disk', () => profile)));
  describeStorage('indexedDbStorage of a private window', async () =>
    open(await pageOf('private', () => browser.newContext())),
  );

  it('is as it was, its key too, when the browser is started anew', async () => {
    const before = await openRemoteStorage(await newPage(profile), 'restarted');
    const [hash, bytes] = blob(300_000);
    await before.appendInteraction(event(1));
    await before.writeRecord('preferences', { paused: true });
    await before.writeBlob(hash, bytes);
    await profile.close();
    kinds.delete('disk');
    profile = await launchProfile(folder);
    const after = await openRemoteStorage(await newPage(profile), 'restarted');
    expect(await after.listInteractions()).toEqual([event(1)]);
    expect(await after.readRecord('preferences')).toEqual({ paused: true });
    expect(await after.readBlob(hash)).toEqual(bytes);
    await after.close();
  });

  /** A site of its own, with nothing on it yet: the browser counts what it may keep by origin. */
  let sites = 0;
  const newSite = () => pages.url.replace('localhost', `site-${sites++}.localhost`);

  describe.each(['on disk', 'in a private window'] as const)('a site %s', (kind) => {
    let page: Page;
    let devtools: CDPSession;
    const origin = () => new URL(page.url()).origin;
    beforeEach(async () => {
      page = await newPage(kind === 'on disk' ? profile : await browser.newContext(), newSite());
      devtools = await page.context().newCDPSession(page);
    });
    afterEach(() => page.close());
    const limit = (bytes?: number) =>
      devtools.send('Storage.overrideQuotaForOrigin', {
        origin: origin(),
        ...(bytes === undefined ? {} : { quotaSize: bytes }),
      });
    /** Until nothing more goes in. */
    async function fill(storage: Storage): Promise<string[]> {
      const written: string[] = [];
      for (const size of [400_000, 50_000, 5000, 500]) {
        for (let refused = false; !refused && written.length < 100; ) {
          const [hash, bytes] = blob(size);
          refused = await storage.writeBlob(hash, bytes).then(
            () => false,
            () => true,
          );
          if (!refused) written.push(hash);
        }
      }
      return written;
    }

    it('that is full says so, has what was stored before and nothing half-written, and goes on when there is space', async () => {
      await limit(2_000_000);
      const storage = await open(page, 'full');
      await storage.appendInteraction(event(1));
      await storage.writeRecord('participation', { lastRound: 1, contributions: 1 });
      const written = await fill(storage);
      expect(written.length).toBeGreaterThan(2);
      expect(written.length).toBeLessThan(100);
      const [large, largeBytes] = blob(400_000);
      const vector = { version: 'v', interactions: 1, vector: Array.from({ length: 5000 }, (_, at) => at / 7) };
      for (const write of [
        () => storage.writeBlob(large, largeBytes),
        () => storage.writeRecord('privateVector', vector),
      ]) {
        await expect(write()).rejects.toMatchObject({
          code: 'storage-failed',
          message: expect.stringContaining('the quota of this site is used up'),
        });
      }
      expect(await storage.listInteractions()).toEqual([event(1)]);
      expect(await storage.readRecord('participation')).toEqual({ lastRound: 1, contributions: 1 });
      expect(await storage.readRecord('privateVector')).toBeNull();
      expect(await storage.readBlob(large)).toBeNull();
      for (const hash of written) expect(await storage.readBlob(hash)).not.toBeNull();
      await storage.close();
      const again = await open(page, 'full');
      expect(await again.listInteractions()).toEqual([event(1)]);
      await limit();
      await again.writeBlob(large, largeBytes);
      expect(await again.readBlob(large)).toEqual(largeBytes);
    });

    it('whose data are cleared while it is open says so, and begins anew', async () => {
      const storage = await open(page, 'cleared');
      await storage.appendInteraction(event(1));
      await storage.writeRecord('preferences', { paused: true });
      await devtools.send('Storage.clearDataForOrigin', { origin: origin(), storageTypes: 'all' });
      for (const call of [
        () => storage.appendInteraction(event(2)),
        () => storage.listInteractions(),
        () => storage.writeRecord('preferences', { paused: false }),
      ]) {
        await expect(call()).rejects.toMatchObject({
          code: 'storage-failed',
          message: expect.stringContaining('cleared'),
        });
      }
      const again = await open(page, 'cleared');
      expect(await again.listInteractions()).toEqual([]);
      expect(await again.readRecord('preferences')).toBeNull();
      await again.appendInteraction(event(3));
      expect(await again.listInteractions()).toEqual([event(3)]);
    });
  });
});

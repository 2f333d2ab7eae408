/** The built-in text encoder in real Chromium, on each of its backends, beside Node's. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launchChromium, noChromium } from './chromium.ts';
import { type Encoded, encodeOn } from './encoder-page.ts';
import { type Pages, servePages } from './pages.ts';

describe.skipIf(chromiumPath === null)(`a text encoder in ${chromiumPath ?? noChromium}`, () => {
  let browser: Browser;
  let pages: Pages;
  let page: Page;
  let here: Encoded;
  const loaded: string[] = [];
  beforeAll(async () => {
    browser = await launchChromium();
    pages = await servePages({ page: 'test/browser/page.ts' });
    page = await (await browser.newContext()).newPage();
    page.on('response', (response) => loaded.push(new URL(response.url()).pathname));
    await page.goto(pages.url);
    await page.waitForFunction(() => globalThis.device !== undefined);
    here = await encodeOn('cpu');
  });
  afterAll(async () => {
    await browser?.close();
    await pages?.close();
  });

  it('is not loaded before it is wanted', () => {
    expect(loaded.filter((path) => path.endsWith('.wasm'))).toEqual([]);
  });

  it.each(['wasm', 'webgl', 'cpu', 'auto'] as const)(
    'gives the encodings and gradients of Node on %s, within 1e-3',
    async (backend) => {
      const there = await page.evaluate((name) => globalThis.device.encodeOn(name, '/'), backend);
      if (backend !== 'auto') expect(there.backend).toBe(backend);
      console.log(`${backend}: ran on ${there.backend}`);
      for (const part of ['encodings', 'gradient'] as const) {
        const size = Math.max(...here[part].map(Math.abs));
        expect(there[part]).toHaveLength(here[part].length);
        const apart = here[part].map((value, at) => Math.abs(value - there[part][at]) / size);
        expect(Math.max(...apart)).toBeLessThan(1e-3);
      }
    },
  );
});

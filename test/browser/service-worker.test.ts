/** The SDK in a page that has a service worker of its own, in real Chromium. */

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { englishLabels as labels } from '../../packages/client/src/react/panel/labels.ts';
import {
  type ScriptedCoordinator,
  startScriptedCoordinator,
} from '../../packages/client/src/testing/scripted-coordinator.ts';
import { chromiumPath, launchChromium, noChromium } from './chromium.ts';
import { type Pages, servePages } from './pages.ts';

const patient = { timeout: 90_000 };

describe.skipIf(chromiumPath === null)(`a page with an offline shell in ${chromiumPath ?? noChromium}`, () => {
  let browser: Browser;
  let pages: Pages;
  let coordinator: ScriptedCoordinator;
  beforeAll(async () => {
    const entries = { page: 'test/browser/panel-page.tsx', shell: 'test/browser/shell-worker.ts' };
    [pages, browser, coordinator] = await Promise.all([
      servePages(entries),
      launchChromium(),
      startScriptedCoordinator(),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await pages?.close();
    await coordinator?.close();
  });

  it('connects past the service worker, and keeps the decision where the page opens without a network', async () => {
    const person = await browser.newContext();
    const page = await person.newPage();
    const open = async () => {
      await page.getByRole('heading', { name: labels.kept }).waitFor(patient);
    };
    await page.goto(`${pages.url}/#${coordinator.url}`);
    await open();
    await page.evaluate(async () => {
      await navigator.serviceWorker.register('/shell.js', { type: 'module' });
      await navigator.serviceWorker.ready;
    });
    await page.reload();
    await open();
    expect(await page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);

    await page.getByRole('button', { name: labels.grant, exact: true }).click();
    await expect.poll(() => coordinator.connections, patient).toBeGreaterThan(0);
    const cached = await page.evaluate(async () =>
      (await (await caches.open('shell')).keys()).map(({ url }) => new URL(url).pathname),
    );
    expect(cached).toContain('/page.js');
    expect(cached.filter((path) => path.includes('socket.io'))).toEqual([]);

    await pages.close();
    await page.reload();
    await open();
    const panel = page.getByRole('region', { name: labels.title });
    await expect.poll(() => panel.textContent(), patient).toContain(labels.decisions.granted);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await person.close();
  });
});

/** The data panel in real Chromium: what axe finds, widths, schemes, forced colours, motion, and the keyboard alone. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { englishLabels as labels } from '../../packages/client/src/react/panel/labels.ts';
import { freePort } from '../free-port.ts';
import { axeViolations } from './axe.ts';
import { chromiumPath, launchChromium, noChromium } from './chromium.ts';
import { type Pages, servePages } from './pages.ts';

const patient = { timeout: 90_000 };
/** A narrow phone, or a page at 400 % (WCAG 1.4.10), and a wide window. */
const widths = [320, 1280] as const;

describe.skipIf(chromiumPath === null)(`the data panel in ${chromiumPath ?? noChromium}`, () => {
  let pages: Pages;
  let browser: Browser;
  let nobody: string;
  let person: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    [pages, browser] = await Promise.all([servePages({ page: 'test/browser/panel-page.tsx' }), launchChromium()]);
    // Where no coordinator is: a person has all of her switches all the same.
    nobody = `http://127.0.0.1:${await freePort()}`;
  });
  afterAll(async () => {
    await browser?.close();
    await pages?.close();
  });
  beforeEach(async () => {
    person = await browser.newContext();
    page = await person.newPage();
    await page.goto(`${pages.url}/#${nobody}`);
    await button(labels.grant).waitFor(patient);
  });
  afterEach(() => person.close());

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const question = () => page.getByRole('alertdialog');
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
  const fits = async (width: number) =>
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  const saysSo = (text: string) => expect.poll(() => page.getByRole('status').textContent(), patient).toBe(text);

  async function press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await page.keyboard.press(key);
  }

  /** The panel before a decision, while it asks, while it is paused, and after leaving: what else it can look like. */
  async function inEveryState(check: () => Promise<void>): Promise<void> {
    await check();
    await button(labels.grant).click();
    await button(labels.pause).click();
    await button(labels.unpause).waitFor(patient);
    await button(labels.erase.ask).click();
    await question().waitFor();
    await check();
    await button(labels.erase.cancel).click();
    await button(labels.wipe.ask).click();
    await button(labels.wipe.confirm).click();
    await page.getByText(labels.stopped).waitFor(patient);
    await check();
  }

  it.each(['light', 'dark'] as const)(
    'has no violation that axe finds and fits, %s, narrow and wide',
    async (scheme) => {
      await page.emulateMedia({ colorScheme: scheme });
      await inEveryState(async () => {
        for (const width of widths) {
          await page.setViewportSize({ width, height: 800 });
          expect(await axeViolations(page)).toEqual([]);
          await fits(width);
        }
      });
    },
  );

  it('stays legible in forced colours: text and edges of every button stand out, and the focus', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ forcedColors: 'active', colorScheme });
      expect(await page.evaluate(() => matchMedia('(forced-colors: active)').matches)).toBe(true);
      // Not by axe: it takes a text for having the author's colour where the browser paints the forced one.
      const looks = await page.getByRole('button').evaluateAll((buttons) =>
        buttons.map((element) => {
          const { color, backgroundColor, borderTopColor, borderTopStyle } = getComputedStyle(element);
          return { stands: color !== backgroundColor && borderTopColor !== backgroundColor, borderTopStyle };
        }),
      );
      expect(looks).toEqual(Array(5).fill({ stands: true, borderTopStyle: 'solid' }));
      await button(labels.save).focus();
      await press('Tab');
      expect(await focused()).toBe(labels.erase.ask);
      expect(await outline()).toEqual({ outlineStyle: 'solid', outlineWidth: '3px' });
    }
  });

  const outline = () =>
    page.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement ?? document.body);
      return { outlineStyle, outlineWidth };
    });

  it('moves nothing for somebody who asks for less motion', async () => {
    const durations = () =>
      page
        .locator('.tributary-panel *')
        .evaluateAll((all) => [...new Set(all.map((element) => getComputedStyle(element).transitionDuration))].sort());
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    expect(await durations()).toEqual(['0.12s', '0s']);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await durations()).toEqual(['0s']);
  });

  it('has buttons that a finger hits', async () => {
    await page.setViewportSize({ width: 320, height: 800 });
    for (const box of await Promise.all((await page.getByRole('button').all()).map((each) => each.boundingBox()))) {
      expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(44);
    }
  });

  it('is walked by Tab in the order in which it is read, with the focus in sight', async () => {
    const walked: string[] = [];
    for (let step = 0; step < 5; step++) {
      await press('Tab');
      walked.push(await focused());
      expect(await outline()).toEqual({ outlineStyle: 'solid', outlineWidth: '3px' });
    }
    expect(walked).toEqual([labels.grant, labels.decline, labels.save, labels.erase.ask, labels.wipe.ask]);
    await press('Shift+Tab');
    expect(await focused()).toBe(labels.erase.ask);
  });

  it('takes a decision, and another, by Enter and Space', async () => {
    await press('Tab', 'Tab', 'Space');
    await saysSo(labels.revoked);
    expect(await focused()).toBe(labels.resume);
    await press('Enter');
    await saysSo(labels.granted);
    expect(await focused()).toBe(labels.revoke);
    await press('Tab', 'Space');
    await saysSo(labels.paused);
    expect(await focused()).toBe(labels.unpause);
    await press('Enter');
    await saysSo(labels.unpaused);
    expect(await focused()).toBe(labels.pause);
  });

  it('saves, erases and leaves by the keyboard alone, and asks before it erases', async () => {
    await press('Tab', 'Tab', 'Tab');
    const [download] = await Promise.all([page.waitForEvent('download'), press('Enter')]);
    expect(download.suggestedFilename()).toBe('my-data.json');
    await saysSo(labels.saved('my-data.json'));

    await press('Tab', 'Enter');
    await question().waitFor();
    expect(await focused()).toBe(labels.erase.cancel);
    await press('Escape');
    await expect.poll(focused).toBe(labels.erase.ask);
    await press('Space');
    await question().waitFor();
    await press('Tab');
    expect(await focused()).toBe(labels.erase.confirm);
    await press('Space');
    await saysSo(labels.erase.done);
    expect(await focused()).toBe(labels.erase.ask);

    await press('Tab', 'Enter', 'Tab', 'Enter');
    await saysSo(labels.wipe.done);
    expect(await page.getByRole('button').count()).toBe(0);
    expect(await focused()).toBe(labels.title);
  });
});

/** The smaller examples as their `dev` commands start them, each used by a person in real Chromium. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Example, startExample } from '../../examples/films/server/start-example.ts';
import { articlesById } from '../../examples/news/catalogue/articles.ts';
import { newsExample } from '../../examples/news/server/example.ts';
import { searchExample } from '../../examples/search/server/example.ts';
import { productsById } from '../../examples/shop/catalogue/products.ts';
import { shopExample } from '../../examples/shop/server/example.ts';
import { freePort } from '../free-port.ts';
import { axeViolations } from './axe.ts';
import { chromiumPath, launchChromium, noChromium } from './chromium.ts';
import { watch } from './watch.ts';

const patient = { timeout: 90_000 };

describe.skipIf(chromiumPath === null)(`the smaller examples in ${chromiumPath ?? noChromium}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  /** Opens the page, has the person take part and act, and sees that nothing was wrong with it at the end. */
  async function use(example: Example, act: (page: Page) => Promise<void>): Promise<void> {
    const running = await startExample(example, { port: await freePort(), pauseSeconds: 2 });
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' });
    const problems: string[] = [];
    const elsewhere: string[] = [];
    watch(page, problems);
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(running.url)) elsewhere.push(request.url());
    });
    try {
      await page.goto(running.url);
      await page.getByRole('main').getByRole('button', { name: 'Take part' }).click(patient);
      await act(page);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        for (const width of [360, 1280]) {
          await page.setViewportSize({ width, height: 900 });
          expect(await axeViolations(page)).toEqual([]);
          expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
        }
      }
      expect(problems).toEqual([]);
      expect(elsewhere).toEqual([]);
    } finally {
      await page.close();
      await running.close();
    }
  }

  it('news: the front page follows what is read, and leaves out hidden sections', async () => {
    await use(newsExample, async (page) => {
      const titles = () => page.getByTestId('for-you').getByRole('heading').allInnerTexts();
      const sectionsShown = async () => {
        const shown = new Set(await titles());
        return [...articlesById.values()].flatMap(({ title, section }) => (shown.has(title) ? section : []));
      };
      await expect.poll(titles, patient).toHaveLength(6);
      const before = await titles();
      await page.getByTestId('for-you').getByRole('button', { name: before[0] }).click();
      const article = page.getByRole('dialog');
      await article.getByRole('heading', { name: before[0] }).waitFor();
      const similar = article.getByRole('region', { name: 'More like this' }).getByRole('button').first();
      const next = (await similar.textContent(patient)) ?? '';
      await similar.click();
      await article.getByRole('heading', { name: next }).waitFor();
      expect(await axeViolations(page)).toEqual([]);
      await article.getByRole('button', { name: 'Close' }).click();
      await expect.poll(titles, patient).not.toContain(next);
      expect(await titles()).not.toContain(before[0]);

      await page.getByRole('button', { name: 'Science', exact: true }).click();
      await expect.poll(async () => new Set(await sectionsShown()), patient).toEqual(new Set(['Science']));
      await page.getByRole('button', { name: 'Science', exact: true }).click();
      await page.getByRole('checkbox', { name: 'Science' }).check();
      await expect.poll(async () => (await sectionsShown()).length, patient).toBe(6);
      await expect.poll(sectionsShown, patient).not.toContain('Science');
    });
  });

  it('shop: advertisements are sponsored products, say why, and stay within their caps over reloads', async () => {
    await use(shopExample, async (page) => {
      const titlesIn = (list: string) => page.getByTestId(list).getByRole('heading', { level: 3 }).allTextContents();
      const isSponsored = (title: string) =>
        [...productsById.values()].some((product) => product.title === title && product.sponsored);
      const advertised = async () => {
        await page.getByRole('heading', { name: 'Advertisements' }).waitFor(patient);
        const cards = page.getByTestId('advertisements').locator('> li > .card-text > h3');
        return cards.allTextContents();
      };
      const seen = [await advertised()];
      expect(seen[0].filter(isSponsored)).toHaveLength(2);

      await expect.poll(() => titlesIn('for-you'), patient).toHaveLength(6);
      const before = await titlesIn('for-you');
      expect(before.filter(isSponsored)).toEqual([]);
      await page
        .getByTestId('for-you')
        .getByRole('button', { name: `Buy ${before[0]}` })
        .click();
      await expect.poll(() => titlesIn('for-you'), patient).not.toContain(before[0]);

      // Seen by axe below, wherever the product stands.
      const { department } = [...productsById.values()].find(({ title }) => title === before[0]) ?? { department: '' };
      await page.getByRole('button', { name: department, exact: true }).click();
      await page.getByRole('button', { name: `Bought ${before[0]}` }).waitFor();

      const first = page.getByTestId('advertisements').getByRole('group').first();
      await first.getByText('Why this one').click();
      await first.getByText('pays for the place').waitFor();
      await first.getByRole('listitem').filter({ hasText: before[0] }).waitFor(patient);
      expect(await axeViolations(page)).toEqual([]);

      // Two at a time: the second view is the last of this visit that has any.
      for (let view = 0; view < 2; view++) {
        await page.reload();
        seen.push(await advertised());
      }
      expect(seen.map((titles) => titles.length)).toEqual([2, 2, 0]);
      await page.getByText('You have seen enough of them for now.').waitFor();

      // Another visit has room again, but not for what was shown three times today.
      for (let visit = 0; visit < 3; visit++) {
        await page.evaluate(() => sessionStorage.clear());
        await page.reload();
        seen.push(await advertised());
      }
      const times = new Map<string, number>();
      for (const title of seen.flat()) times.set(title, (times.get(title) ?? 0) + 1);
      expect(Math.max(...times.values())).toBe(3);
      expect(seen.at(-1)).toHaveLength(2);
    });
  });

  it('search: by words at once, and by the encoder once it is switched on', async () => {
    await use(searchExample, async (page) => {
      const found = page.getByTestId('found');
      const titles = () => found.getByRole('heading', { level: 3 }).allTextContents();
      const encoderFiles: string[] = [];
      page.on('request', (request) => {
        if (/weights\.generated|\.wasm/.test(request.url())) encoderFiles.push(request.url());
      });
      const field = page.getByRole('searchbox', { name: 'Search' });
      await field.fill('lighthouse');
      await expect.poll(async () => (await titles())[0], patient).toContain('Lighthouse');
      expect(await found.getAttribute('data-basis')).toBe('words');
      await page.getByText('Found by words.').waitFor();
      // No film has one of these words.
      await field.fill('spacecraft astronauts');
      await page.getByText('Nothing has these words.').waitFor(patient);
      expect(encoderFiles).toEqual([]);

      await page.getByRole('checkbox', { name: 'By meaning too' }).click();
      await page.getByText('Found by the encoder').waitFor(patient);
      expect(await found.getAttribute('data-basis')).toBe('encoder');
      expect(await titles()).toHaveLength(12);
      expect(encoderFiles.some((url) => url.includes('.wasm'))).toBe(true);
    });
  });
});

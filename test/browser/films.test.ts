/** The films example as `pnpm --filter films dev` starts it, and the plain page beside it, used by a person in real Chromium. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { context } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { films } from '../../examples/films/catalogue/films.ts';
import { type FilmsExample, startFilms } from '../../examples/films/server/start-films.ts';
import { freePort } from '../free-port.ts';
import { axeViolations } from './axe.ts';
import { chromiumPath, launchChromium, noChromium } from './chromium.ts';
import { watch } from './watch.ts';

const patient = { timeout: 90_000 };
const liked = films.filter(({ genres }) => genres[0] === 'Science fiction').slice(0, 3);

/** The plain page as its `dev` script serves it. */
async function servePlainPage() {
  const folder = fileURLToPath(new URL('../../examples/plain/', import.meta.url));
  const bundle = await context({
    absWorkingDir: folder,
    entryPoints: { tributary: '@tributary/client' },
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['source'],
    outdir: 'dist',
    logLevel: 'silent',
  });
  const { port } = await bundle.serve({ host: '127.0.0.1', port: await freePort(), servedir: folder });
  return { url: `http://127.0.0.1:${port}/`, file: `${folder}index.html`, close: () => bundle.dispose() };
}

describe.skipIf(chromiumPath === null)(`the examples in ${chromiumPath ?? noChromium}`, () => {
  let example: FilmsExample;
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];
  const elsewhere: string[] = [];
  const connections: string[] = [];

  const main = () => page.getByRole('main');
  const recommended = () => page.getByTestId('for-you').getByRole('heading').allInnerTexts();
  const figure = async (name: string) => Number.parseFloat((await page.getByTestId(name).textContent()) ?? '');
  async function like(title: string): Promise<void> {
    await page.getByRole('searchbox', { name: 'Search' }).fill(title);
    const button = page
      .getByRole('region', { name: 'All films' })
      .getByRole('button', { name: `Like ${title}`, exact: true });
    await button.click();
    await page.getByRole('region', { name: 'You like' }).getByRole('button', { name: title }).waitFor();
    await page.getByRole('searchbox', { name: 'Search' }).fill('');
  }

  beforeAll(async () => {
    [example, browser] = await Promise.all([startFilms({ port: await freePort(), pauseSeconds: 2 }), launchChromium()]);
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    watch(page, problems);
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(example.url)) elsewhere.push(request.url());
    });
    page.on('websocket', (socket) => {
      if (socket.url().includes('/socket.io/')) connections.push(socket.url());
    });
    await page.goto(example.url);
  });
  afterAll(async () => {
    await browser?.close();
    await example?.close();
  });

  it('shows the catalogue and keeps a like, with no word to the coordinator before there is consent', async () => {
    await main().getByRole('heading', { name: 'Recommendations that learn without seeing you' }).waitFor(patient);
    await page.getByText(`${films.length} films`).waitFor();
    await like(liked[0].title);
    expect(await main().getByText('fetched once you agree').count()).toBe(1);
    expect(connections).toEqual([]);
  });

  it('recommends once the person takes part', async () => {
    await main().getByRole('button', { name: 'Take part' }).click();
    await page.getByTestId('for-you').waitFor(patient);
    expect(await recommended()).toHaveLength(6);
    expect(connections).toHaveLength(1);
  });

  it('recommends other films after other likes, never a liked one', async () => {
    const before = await recommended();
    for (const { title } of liked.slice(1)) await like(title);
    await expect.poll(recommended, patient).not.toEqual(before);
    const after = await recommended();
    for (const { title } of liked) expect(after).not.toContain(title);
  });

  it('says which like speaks for a film, and names films that are like it', async () => {
    await expect.poll(() => main().getByText('Because you liked').count(), patient).toBeGreaterThan(0);
    await page.getByTestId('for-you').getByRole('heading').first().getByRole('button').click();
    const film = page.getByRole('dialog');
    const parts = film.getByRole('region', { name: 'What your likes say about it' }).getByRole('listitem');
    await expect.poll(() => parts.count(), patient).toBe(liked.length);
    const similar = film.getByRole('region', { name: 'Liked by the same people' }).getByRole('button').first();
    const title = (await similar.textContent()) ?? '';
    await similar.click();
    await film.getByRole('heading', { name: title, level: 2 }).waitFor();
    await film.getByRole('button', { name: 'Close' }).click();
  });

  it('finds films by words', async () => {
    const field = page.getByRole('searchbox', { name: 'Search' });
    await field.fill('lighthouse');
    const first = page.getByRole('region', { name: 'All films' }).getByRole('heading', { level: 3 }).first();
    await expect.poll(() => first.textContent(), patient).toContain('Lighthouse');
    await field.fill('');
  });

  it('leaves out what is not for the person', async () => {
    const [first] = await recommended();
    await page.getByRole('button', { name: `${first} is not for me` }).click();
    await expect.poll(recommended, patient).not.toContain(first);
  });

  it('takes part in a round under masks that becomes a model', async () => {
    await expect.poll(() => figure('rounds'), patient).toBeGreaterThanOrEqual(1);
    await expect.poll(async () => (await figure('version')) >= 1, patient).toBe(true);
    expect(await figure('sent')).toBeGreaterThan(0);
    expect(await figure('cohort')).toBeGreaterThanOrEqual(20);
    expect(await figure('neighbours')).toBeGreaterThanOrEqual(19);
    const closed = (await example.rounds()).filter(({ outcome }) => outcome === 'closed');
    expect(closed.length).toBeGreaterThan(0);
    expect(closed[0].contributions).toBeGreaterThanOrEqual(20);
  });

  it('opens a film by the keyboard and gives the focus back', async () => {
    const title = page.getByTestId('for-you').getByRole('heading').first().getByRole('button');
    await title.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('card-title');
  });

  it.each(['light', 'dark'] as const)('has no violation that axe finds, %s, narrow and wide', async (colorScheme) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await axeViolations(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    }
    await page.getByTestId('for-you').getByRole('heading').first().getByRole('button').click();
    await page.getByRole('dialog').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
  });

  it('keeps likes and consent over a reload', async () => {
    await page.reload();
    const likes = page.getByRole('region', { name: 'You like' });
    await likes.waitFor(patient);
    expect(await likes.getByRole('button').count()).toBe(3);
    await page.getByTestId('for-you').waitFor(patient);
  });

  it('recommends in the plain page too, in ten lines of script', async () => {
    const plain = await servePlainPage();
    const other = await browser.newPage();
    watch(other, problems);
    await other.goto(`${plain.url}#${new URL(example.url).origin}`);
    await other.getByRole('checkbox', { name: 'Take part' }).check();
    const options = other.getByRole('option');
    await expect.poll(() => options.count(), patient).toBe(8);
    const [first] = await options.allTextContents();
    await options.first().click();
    await other.getByRole('button', { name: 'I like the selected film' }).click();
    await expect.poll(() => options.allTextContents(), patient).not.toContain(first);
    expect(await axeViolations(other)).toEqual([]);
    await other.close();
    await plain.close();
    const script = /<script type="module">\n(.*)\n *<\/script>/s.exec(await readFile(plain.file, 'utf8'))?.[1];
    expect(script?.split('\n')).toHaveLength(10);
  });

  it('reported no error, and asked nobody else for anything', () => {
    expect(problems).toEqual([]);
    expect(elsewhere).toEqual([]);
  });
});

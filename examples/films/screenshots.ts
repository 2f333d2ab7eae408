/** Renews the pictures of this example in docs/images/: `pnpm --filter films screenshots`. Needs Chromium. */
import { mkdir, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { launchChromium } from '../../test/browser/chromium.ts';
import { freePort } from '../../test/free-port.ts';
import { startFilms } from './server/start-films.ts';

const folder = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const mostBytes = 200_000;
const likes = ['Station Nine', 'Copper Sky', 'Echoes of Titan'];
/** Rounds of training before the pictures are taken. */
const rounds = 8;

const pictures = [
  { name: 'films-light-wide', colorScheme: 'light', width: 1200, height: 820, of: 'page' },
  { name: 'films-dark-wide', colorScheme: 'dark', width: 1200, height: 820, of: 'film' },
  { name: 'films-light-narrow', colorScheme: 'light', width: 390, height: 844, of: 'training' },
  { name: 'films-dark-narrow', colorScheme: 'dark', width: 390, height: 844, of: 'page' },
] as const;

await mkdir(folder, { recursive: true });
const example = await startFilms({ port: await freePort(), pauseSeconds: 1, onNote: console.error });
const browser = await launchChromium();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' });
  await page.goto(example.url);
  const main = page.getByRole('main');
  await main.getByRole('button', { name: 'Take part' }).click({ timeout: 60_000 });
  const search = page.getByRole('searchbox', { name: 'Search' });
  for (const title of likes) {
    await search.fill(title);
    const all = page.getByRole('region', { name: 'All films' });
    await all.getByRole('button', { name: `Like ${title}`, exact: true }).click();
    await page.getByRole('region', { name: 'You like' }).getByRole('button', { name: title }).waitFor();
  }
  await search.fill('');
  const closed = async () => (await example.rounds()).filter(({ outcome }) => outcome === 'closed').length;
  while ((await closed()) < rounds) await page.waitForTimeout(200);
  for (const { name, colorScheme, width, height, of } of pictures) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    await page.evaluate('scrollTo(0, 0)');
    if (of === 'training')
      await page.getByRole('region', { name: 'Training' }).evaluate((part) => part.scrollIntoView());
    if (of === 'film') {
      await page.getByTestId('for-you').getByRole('heading').first().getByRole('button').click();
      await page.getByRole('region', { name: 'What your likes say about it' }).waitFor();
    } else {
      await page.locator('.steps li[aria-current]').last().waitFor();
    }
    const path = `${folder}${name}.png`;
    await page.screenshot({ path });
    if (of === 'film') await page.keyboard.press('Escape');
    const { size } = await stat(path);
    console.log(`${path}: ${(size / 1000).toFixed(0)} kB`);
    if (size > mostBytes) throw new Error(`${path} has ${size} bytes, more than ${mostBytes}.`);
  }
} finally {
  await browser.close();
  await example.close();
}

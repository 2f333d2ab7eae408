/** Renews the pictures of the examples in docs/images/: `pnpm screenshots [news ...]`; without a name, of all. Needs Chromium. */
import { mkdir } from 'node:fs/promises';
import { startExample } from '../examples/films/server/start-example.ts';
import { launchChromium } from '../test/browser/chromium.ts';
import { freePort } from '../test/free-port.ts';
import { films } from './screenshots/films.ts';
import { news } from './screenshots/news.ts';
import type { Scene } from './screenshots/scene.ts';
import { search } from './screenshots/search.ts';
import { shop } from './screenshots/shop.ts';

const scenes: Readonly<Record<string, Scene>> = { films, news, shop, search };

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(scenes, name));
if (unknown.length > 0) {
  console.error(`There are no pictures of ${unknown.join(', ')}. Name some of ${Object.keys(scenes).join(', ')}.`);
  process.exit(2);
}

await mkdir(new URL('../docs/images/', import.meta.url), { recursive: true });
const browser = await launchChromium();
try {
  for (const [name, { example, rounds, act, take }] of Object.entries(scenes)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    const running = await startExample(example, { port: await freePort(), pauseSeconds: 1, onNote: console.error });
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' });
    page.setDefaultTimeout(60_000);
    try {
      await page.goto(running.url);
      await page.getByRole('main').getByRole('button', { name: 'Take part' }).click();
      await act(page);
      const closed = async () => (await running.rounds()).filter(({ outcome }) => outcome === 'closed').length;
      while ((await closed()) < rounds) await page.waitForTimeout(200);
      await take(page);
    } finally {
      await page.close();
      await running.close();
    }
  }
} finally {
  await browser.close();
}

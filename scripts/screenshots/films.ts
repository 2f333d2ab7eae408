/** The films, and the data panel in its own colours beside them. */
import type { Page } from 'playwright-core';
import { filmsExample } from '../../examples/films/server/start-films.ts';
import { compose, narrow, take, wide } from './picture.ts';
import type { Scene } from './scene.ts';

const likes = ['Station Nine', 'Copper Sky', 'Echoes of Titan'];

async function like(page: Page): Promise<void> {
  const search = page.getByRole('searchbox', { name: 'Search' });
  for (const title of likes) {
    await search.fill(title);
    const all = page.getByRole('region', { name: 'All films' });
    await all.getByRole('button', { name: `Like ${title}`, exact: true }).click();
    await page.getByRole('region', { name: 'You like' }).getByRole('button', { name: title }).waitFor();
  }
  await search.fill('');
}

export const films: Scene = {
  example: filmsExample,
  rounds: 8,
  act: like,
  async take(page) {
    const step = page.locator('.steps li[aria-current]').last();

    const front = { name: 'films-light-wide', colorScheme: 'light', ...wide } as const;
    await compose(page, front);
    await step.waitFor();
    await take(page, front);

    const film = { name: 'films-dark-wide', colorScheme: 'dark', ...wide } as const;
    await compose(page, film);
    await page.getByTestId('for-you').getByRole('heading').first().getByRole('button').click();
    await page.getByRole('region', { name: 'What your likes say about it' }).waitFor();
    await take(page, film);
    await page.keyboard.press('Escape');

    const training = { name: 'films-light-narrow', colorScheme: 'light', ...narrow } as const;
    await compose(page, training);
    await page.getByRole('region', { name: 'Training' }).evaluate((part) => part.scrollIntoView());
    await step.waitFor();
    await take(page, training);

    const top = { name: 'films-dark-narrow', colorScheme: 'dark', ...narrow } as const;
    await compose(page, top);
    await take(page, top);

    const panel = page.locator('.tributary-panel');
    for (const [colorScheme, size] of [
      ['light', wide],
      ['dark', narrow],
    ] as const) {
      const picture = { name: `panel-${colorScheme}`, colorScheme, ...size };
      await compose(page, picture);
      await take(page, picture, panel);
    }
  },
};

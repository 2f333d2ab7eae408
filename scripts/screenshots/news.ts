import { newsExample } from '../../examples/news/server/example.ts';
import { compose, narrow, take, wide } from './picture.ts';
import type { Scene } from './scene.ts';

export const news: Scene = {
  example: newsExample,
  rounds: 6,
  async act(page) {
    // Three articles of one section are read.
    await page.getByRole('button', { name: 'Science', exact: true }).click();
    const articles = page.getByTestId('for-you').getByRole('heading').getByRole('button');
    for (let read = 0; read < 3; read++) {
      await articles.first().click();
      await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    }
    await page.getByRole('button', { name: 'Science', exact: true }).click();
    await page.getByRole('checkbox', { name: 'Sport' }).check();
  },
  async take(page) {
    const front = { name: 'news-light-wide', colorScheme: 'light', ...wide } as const;
    await compose(page, front);
    await take(page, front);

    const article = { name: 'news-dark-narrow', colorScheme: 'dark', ...narrow } as const;
    await compose(page, article);
    await page.getByTestId('for-you').getByRole('heading').first().getByRole('button').click();
    await page.getByRole('region', { name: 'More like this' }).getByRole('button').first().waitFor();
    await take(page, article);
  },
};

import { searchExample } from '../../examples/search/server/example.ts';
import { compose, narrow, take, wide } from './picture.ts';
import type { Scene } from './scene.ts';

export const search: Scene = {
  example: searchExample,
  rounds: 1,
  async act(page) {
    await page.getByRole('searchbox', { name: 'Search' }).fill('spacecraft astronauts');
    await page.getByRole('checkbox', { name: 'By meaning too' }).click();
    await page.getByText('Found by the encoder').waitFor();
  },
  async take(page) {
    for (const picture of [
      { name: 'search-light-wide', colorScheme: 'light', ...wide },
      { name: 'search-dark-narrow', colorScheme: 'dark', ...narrow },
    ] as const) {
      await compose(page, picture);
      await take(page, picture);
    }
  },
};

import { shopExample } from '../../examples/shop/server/example.ts';
import { compose, narrow, take, wide } from './picture.ts';
import type { Scene } from './scene.ts';

export const shop: Scene = {
  example: shopExample,
  rounds: 6,
  async act(page) {
    await page.getByRole('button', { name: 'Garden', exact: true }).click();
    const all = page.getByRole('region', { name: 'All products' });
    for (let bought = 0; bought < 3; bought++) await all.getByRole('button', { name: /^Buy / }).first().click();
  },
  async take(page) {
    // Another visit, whose advertisements follow what was bought.
    await page.evaluate(() => {
      sessionStorage.clear();
      localStorage.clear();
    });
    await page.reload();
    const first = page.getByTestId('advertisements').getByRole('group').first();

    const top = { name: 'shop-light-narrow', colorScheme: 'light', ...narrow } as const;
    await compose(page, top);
    await first.waitFor();
    await page.getByRole('heading', { name: 'Advertisements' }).evaluate((part) => part.scrollIntoView());
    await take(page, top);

    const why = { name: 'shop-dark-wide', colorScheme: 'dark', ...wide } as const;
    await compose(page, why);
    await first.getByText('Why this one').click();
    await first.getByRole('listitem').first().waitFor();
    await take(page, why);
  },
};

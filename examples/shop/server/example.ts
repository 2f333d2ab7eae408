/** The shop as an example that can be started: attributes are department and brand, and whether a product is sponsored. */
import { fileURLToPath } from 'node:url';
import type { Example } from 'films/server/start-example.ts';
import { products, sponsoredAttribute } from '../catalogue/products.ts';

export const shopExample: Example = {
  name: 'shop',
  root: fileURLToPath(new URL('..', import.meta.url)),
  items: products.map(({ id, title, department, brand, sponsored, description }) => ({
    id,
    title,
    attributes: [department, brand, ...(sponsored ? [sponsoredAttribute] : [])],
    description,
  })),
  neighbours: {
    Books: ['Home', 'Children'],
    Children: ['Books', 'Outdoors'],
    Garden: ['Outdoors', 'Home'],
    Home: ['Kitchen', 'Garden'],
    Kitchen: ['Home', 'Garden'],
    Outdoors: ['Garden', 'Books'],
  },
};

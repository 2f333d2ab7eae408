/** The news as an example that can be started: an article's attributes are its section and its topics. */
import { fileURLToPath } from 'node:url';
import type { Example } from 'films/server/start-example.ts';
import { articles } from '../catalogue/articles.ts';

export const newsExample: Example = {
  name: 'news',
  root: fileURLToPath(new URL('..', import.meta.url)),
  items: articles.map(({ id, title, section, topics, lead }) => ({
    id,
    title,
    attributes: [section, ...topics],
    description: lead,
  })),
  neighbours: {
    Business: ['World', 'Local'],
    Culture: ['Living', 'Local'],
    Living: ['Culture', 'Science'],
    Local: ['Culture', 'Sport'],
    Science: ['World', 'Living'],
    Sport: ['Local', 'Living'],
    World: ['Business', 'Science'],
  },
};

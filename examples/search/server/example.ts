/** The films' catalogue and people, searched. */
import { fileURLToPath } from 'node:url';
import type { Example } from 'films/server/start-example.ts';
import { filmsExample } from 'films/server/start-films.ts';

export const searchExample: Example = {
  ...filmsExample,
  name: 'search',
  root: fileURLToPath(new URL('..', import.meta.url)),
};

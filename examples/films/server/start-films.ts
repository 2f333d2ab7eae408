/** The films as an example that can be started. */
import { fileURLToPath } from 'node:url';
import { films } from '../catalogue/films.ts';
import { type Example, type ExampleOptions, type RunningExample, startExample } from './start-example.ts';

export const filmsExample: Example = {
  name: 'films',
  root: fileURLToPath(new URL('..', import.meta.url)),
  items: films.map(({ id, title, genres, description }) => ({ id, title, attributes: genres, description })),
  neighbours: {
    Adventure: ['Family', 'Science fiction'],
    Animation: ['Family', 'Comedy'],
    Comedy: ['Family', 'Romance'],
    Crime: ['Mystery', 'Drama'],
    Documentary: ['History', 'Sport'],
    Drama: ['Romance', 'History'],
    Family: ['Animation', 'Comedy'],
    History: ['Documentary', 'Drama'],
    Horror: ['Mystery', 'Science fiction'],
    Mystery: ['Crime', 'Horror'],
    Romance: ['Comedy', 'Drama'],
    'Science fiction': ['Adventure', 'Horror'],
    Sport: ['Documentary', 'Drama'],
  },
};

export type FilmsExample = RunningExample;

export function startFilms(options: ExampleOptions): Promise<RunningExample> {
  return startExample(filmsExample, options);
}

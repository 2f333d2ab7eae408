import { runExample } from './server/run-example.ts';
import { filmsExample } from './server/start-films.ts';

await runExample(filmsExample);

import { runExample } from 'films/server/run-example.ts';
import { newsExample } from './server/example.ts';

await runExample(newsExample);

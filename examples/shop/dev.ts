import { runExample } from 'films/server/run-example.ts';
import { shopExample } from './server/example.ts';

await runExample(shopExample);

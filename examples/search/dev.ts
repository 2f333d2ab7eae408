import { runExample } from 'films/server/run-example.ts';
import { searchExample } from './server/example.ts';

await runExample(searchExample);

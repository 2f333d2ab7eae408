/** Starts the example at a local address: `pnpm --filter films dev [--port 5173]`. Ends on Ctrl-C. */
import { parseArgs } from 'node:util';
import { startFilms } from './server/start-films.ts';

const port = portOf(process.argv.slice(2));
if (port === null) {
  console.error('Usage: pnpm --filter films dev [--port 5173], the port a whole number from 1 to 65535.');
  process.exit(2);
}

const example = await startFilms({ port, onNote: (message) => console.error(message) }).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  console.error('If the port is in use, name another one: pnpm --filter films dev --port 5174');
  process.exit(1);
});
console.log(`Films: ${example.url}`);
console.log('Behind it are a coordinator and 26 devices that train already. Ctrl-C ends everything.');

let ending = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (ending) process.exit(1);
    ending = true;
    void example.close().then(() => process.exit(0));
  });
}

/** Null where the words are not understood. */
function portOf(words: string[]): number | null {
  try {
    const { values } = parseArgs({ args: words, options: { port: { type: 'string', default: '5173' } } });
    const port = Number(values.port);
    return Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : null;
  } catch {
    return null;
  }
}

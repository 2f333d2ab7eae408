/** The command of an example: `pnpm --filter films dev [--port 5173]`. Ends on Ctrl-C. */
import { parseArgs } from 'node:util';
import { type Example, startExample } from './start-example.ts';

export async function runExample(example: Example): Promise<void> {
  const command = `pnpm --filter ${example.name} dev`;
  const port = portOf(process.argv.slice(2));
  if (port === null) {
    console.error(`Usage: ${command} [--port 5173], the port a whole number from 1 to 65535.`);
    process.exit(2);
  }
  const onNote = (message: string) => console.error(message);
  const running = await startExample(example, { port, onNote }).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    console.error(`If the port is in use, name another one: ${command} --port 5174`);
    process.exit(1);
  });
  console.log(`${example.name}: ${running.url}`);
  console.log('Behind it are a coordinator and 26 devices that train already. Ctrl-C ends everything.');

  let ending = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (ending) process.exit(1);
      ending = true;
      void running.close().then(() => process.exit(0));
    });
  }
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

#!/usr/bin/env node
/** The `tributary` command: signals and streams of the process, and nothing else. */
import { exitCodes } from './exit/exit-codes.ts';
import { explainError, explanationLines } from './exit/explain.ts';
import { run } from './run.ts';

/** How long a command may take to end by itself once it was asked to. */
const graceMilliseconds = 15_000;

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  const code = exitCodes[name === 'SIGINT' ? 'interrupted' : 'terminated'].code;
  process.on(name, () => {
    // Asked a second time, it ends at once.
    if (stop.signal.aborted) process.exit(code);
    stop.abort(name);
    setTimeout(() => process.exit(code), graceMilliseconds).unref();
  });
}
// A reader that has seen enough (`| head`) is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.ok.code);
    throw error;
  });
}

// What no command could catch, e.g. in a timer, is explained like everything else.
process.on('uncaughtException', (error) => {
  const found = explainError(error);
  process.stderr.write(`${explanationLines(found).join('\n')}\n`);
  if (process.env.TRIBUTARY_DEBUG === '1') process.stderr.write(`${error.stack}\n`);
  process.exit(found.exitCode);
});

const code = await run(process.argv.slice(2), { env: process.env, signal: stop.signal });
// What is still written to a pipe is flushed first; then nothing that was left open keeps the process.
process.stdout.write('', (failed) => {
  // What could not be written is an error event, which comes next and ends the process.
  if (!failed) process.stderr.write('', () => process.exit(code));
});

/** Runs the real `tributary` command as a child process, from source. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const loader = pathToFileURL(join(root, 'node_modules/tsx/dist/loader.mjs')).href;

/** Arguments of `node` that run the command from source, in any folder. */
export const fromSource: readonly string[] = [
  '--conditions=source',
  '--import',
  loader,
  join(root, 'packages/cli/src/main.ts'),
];

export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** Standard output and error so far. */
  readonly text: { out: string; error: string };
  readonly finished: Promise<Finished>;
}

export interface StartOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the command. */
export function startTributary(words: readonly string[], { cwd = root, env = {} }: StartOptions = {}): Running {
  const child = spawn(process.execPath, [...fromSource, ...words], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { out: '', error: '' };
  child.stdout?.setEncoding('utf8').on('data', (part: string) => {
    text.out += part;
  });
  child.stderr?.setEncoding('utf8').on('data', (part: string) => {
    text.error += part;
  });
  const finished = once(child, 'close').then(([code]) => ({ code: code as number | null, ...text }));
  return { child, text, finished };
}

/** Runs the command to its end. */
export function tributary(words: readonly string[], options: StartOptions = {}): Promise<Finished> {
  return startTributary(words, options).finished;
}

/** The JSON document on the last line of standard output. */
export function lastLine(out: string): unknown {
  return JSON.parse(out.trimEnd().split('\n').at(-1) ?? '');
}

/** Waits until a condition holds on a running command. @throws when the command ends before. */
export async function until(running: Running, condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) {
    if (running.child.exitCode !== null || running.child.signalCode !== null) {
      throw new Error(`ended with ${running.child.exitCode ?? running.child.signalCode}: ${running.text.error}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

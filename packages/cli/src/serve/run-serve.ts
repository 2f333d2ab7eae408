/** Runs the coordinator on a store until it is asked to end. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  chooseRoundEngine,
  createCoordinator,
  createLog,
  type EngineName,
  type Log,
  loadCoordinatorIdentity,
  openStore,
  type Store,
} from '@tributary/coordinator';
import { systemRandom } from '@tributary/privacy';
import { destination } from 'pino';
import type { CommandContext } from '../commands/context.ts';
import type { Output } from '../output/output.ts';
import { readTask } from '../task/run-task.ts';
import { encodeCatalogue } from '../text/encode-items.ts';
import { adminTokenVariable, openAdminToken } from './admin-token.ts';

export interface ServeOptions {
  readonly store: string;
  readonly host: string;
  readonly port: number;
  readonly task: readonly string[];
  readonly encoder?: string;
  readonly adminToken?: string;
  readonly engine: EngineName | 'auto';
  readonly json?: boolean;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'silent';
}

/** @throws CommandError `input` for a bad task document, before anything is opened; StoreError; PortError */
export async function runServe(
  options: ServeOptions,
  output: Output,
  { env, signal }: Pick<CommandContext, 'env' | 'signal'>,
): Promise<void> {
  const given = await Promise.all(options.task.map(readTask));
  const log = createLog({ level: options.logLevel, destination: destination({ dest: 2, sync: true }) });
  const store = await openStore(options.store);
  try {
    await serveStore(options, given, { store, log, output, env, signal });
  } finally {
    await store.close();
    log.info('store closed');
  }
}

async function serveStore(
  options: ServeOptions,
  given: readonly Awaited<ReturnType<typeof readTask>>[],
  parts: { store: Store; log: Log; output: Output } & Pick<CommandContext, 'env' | 'signal'>,
): Promise<void> {
  const { store, log, output, env, signal } = parts;
  await mkdir(options.store, { recursive: true, mode: 0o700 });
  const admin = await openAdminToken(options.store, options.adminToken ?? env[adminTokenVariable]);
  if (admin.made && admin.file !== null) output.note(`admin token: made, and kept in ${admin.file}`);
  const coordinator = await createCoordinator({
    store,
    identity: await loadCoordinatorIdentity(options.store, systemRandom),
    host: options.host,
    port: options.port,
    adminToken: admin.token,
    encodeItems: (items) =>
      encodeCatalogue(items, {
        model: options.encoder,
        folder: join(options.store, 'encodings'),
        output,
        signal,
      }),
    adaptedEncoder: options.encoder ?? null,
    engines: await chooseRoundEngine(options.engine),
    log,
  });
  try {
    const known = new Set((await coordinator.tasks()).map(({ id }) => id));
    for (const { task, catalogue } of given) {
      if (known.has(task.task)) log.info('task is there already', { task: task.task });
      else await coordinator.createTask(task, catalogue);
    }
    const { url, port, publicKey } = coordinator;
    if (!output.json) output.result(`serving ${url}, key ${publicKey}`);
    output.data({ url, port, publicKey, pid: process.pid });
    await asked(signal);
    log.info('asked to end', { signal: String(signal.reason) });
  } finally {
    await coordinator.close();
    log.info('closed');
  }
}

function asked(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  // The server keeps the process alive; the listener alone would not.
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

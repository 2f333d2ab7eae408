/** Everything an example needs, in one process: a coordinator with its task, devices, and the page's server in front. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCoordinator, loadCoordinatorIdentity, openStore, type RoundRecord } from '@tributary/coordinator';
import { systemRandom } from '@tributary/privacy';
import { createLogger, createServer, type Logger } from 'vite';
import { startDevices } from './devices.ts';
import { type Catalogue, histories } from './people.ts';
import { exampleTask } from './task.ts';

export interface Example extends Catalogue {
  /** Of the task. */
  readonly name: string;
  /** Folder of the page, where index.html is. */
  readonly root: string;
}

export interface ExampleOptions {
  /** Of the page. */
  readonly port: number;
  /** Devices beside the page; 26 by default. A round needs twenty. */
  readonly devices?: number;
  /** Between rounds; 6 by default. */
  readonly pauseSeconds?: number;
  readonly onNote?: (message: string) => void;
}

export interface RunningExample {
  /** Of the page; the coordinator is behind it, on the same origin. */
  readonly url: string;
  /** The newest first. */
  rounds(): Promise<readonly RoundRecord[]>;
  /** Ends everything and removes the store. */
  close(): Promise<void>;
}

/** The same for the page of every example. */
const configFile = fileURLToPath(new URL('../vite.config.ts', import.meta.url));

/** Starts it all, or leaves nothing behind. @throws what kept it from starting, such as a port in use */
export async function startExample(example: Example, options: ExampleOptions): Promise<RunningExample> {
  const { name, root, items } = example;
  const { port, devices: count = 26, pauseSeconds = 6, onNote = () => {} } = options;
  /** What is to be undone, in the order in which it was done. */
  const open: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const undo of open.splice(0).reverse()) await undo();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), `tributary-${name}-`));
    open.push(() => rm(folder, { recursive: true, force: true }));
    const store = await openStore(join(folder, 'store'));
    open.push(() => store.close());
    const coordinator = await createCoordinator({
      store,
      identity: await loadCoordinatorIdentity(folder, systemRandom),
      host: '127.0.0.1',
      port: 0,
      onFailure: (error) => onNote(error instanceof Error ? error.message : String(error)),
    });
    open.push(() => coordinator.close());
    await coordinator.createTask(exampleTask(name, pauseSeconds), items);
    const page = await createServer({
      root,
      configFile,
      customLogger: pageLogger(),
      server: {
        host: '127.0.0.1',
        port,
        strictPort: true,
        // One origin for page and coordinator: the page connects to where it came from.
        proxy: { '/socket.io': { target: coordinator.url, ws: true } },
      },
    });
    open.push(() => page.close());
    await page.listen();
    const devices = await startDevices(coordinator, name, histories(example, count), onNote);
    open.push(() => devices.stop());
    return {
      url: `http://127.0.0.1:${port}/`,
      rounds: () => store.rounds(name, 100),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Warnings and errors, but for a page that is closed or reloaded in the middle of a message. */
function pageLogger(): Logger {
  const logger = createLogger('warn');
  return {
    ...logger,
    error(message, options) {
      if (!message.includes('ws proxy')) logger.error(message, options);
    },
  };
}

/** The coordinator: one HTTP server with the devices' sockets and the operator's pages on it, over one store. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { bytesToHex, type Identity, type SecureRandom, systemRandom } from '@tributary/privacy';
import { chunkBytes, type ModelVersion, type TaskDocument } from '@tributary/protocol';
import { Server } from 'socket.io';
import { ledgerOf, recover } from './recovery.ts';
import { loadVerifiedParameters } from './registry/registry.ts';
import { type ConnectionPort, serveConnection } from './session/device-connection.ts';
import { createLiveIdentities } from './session/live-identities.ts';
import type { CatalogueItem, Store, TaskRecord, TaskStatus } from './store/store.ts';
import { StoreError } from './store/store-error.ts';
import { catalogueItems, coordinatorRecommender, createTask } from './task/create-task.ts';
import { createTaskRunner, type RoundView, type TaskEvents, type TaskRunner } from './task/task-runner.ts';
import { createUploadPlaces } from './task/upload-places.ts';

export const coordinatorSoftware = 'tributary-coordinator/0.1.0';

export interface CoordinatorEvents {
  readonly round: RoundView;
  readonly version: ModelVersion;
  readonly task: { readonly task: string; readonly status: TaskStatus; readonly reason: string };
}

export interface CoordinatorOptions {
  /** Open; stays open when the coordinator closes. */
  readonly store: Store;
  /** The coordinator's signing identity: devices pin its public key. */
  readonly identity: Identity;
  readonly host?: string;
  /** 0 for a free one. */
  readonly port?: number;
  readonly random?: SecureRandom;
  readonly now?: () => number;
  /** Uploads that are in memory at a time. */
  readonly uploadPlaces?: number;
  /** A place without progress for so long is lost. */
  readonly uploadIdleMilliseconds?: number;
  /** Failures that are not a device's fault; never carries a person's data. */
  readonly onFailure?: (error: unknown) => void;
}

export interface Coordinator {
  readonly url: string;
  readonly port: number;
  /** Hex of the key that devices pin. */
  readonly publicKey: string;
  /** Writes a task and starts it. @throws StoreError 'conflict', LedgerError */
  createTask(document: TaskDocument, catalogue: readonly CatalogueItem[]): Promise<TaskRecord>;
  tasks(): Promise<TaskRecord[]>;
  view(task: string): RoundView | null;
  stopTask(task: string, reason: string): Promise<boolean>;
  on<E extends keyof CoordinatorEvents>(event: E, handler: (value: CoordinatorEvents[E]) => void): () => void;
  close(): Promise<void>;
}

export class PortError extends Error {
  override readonly name = 'PortError';
}

/** @throws PortError when the address cannot be listened on; StoreError when a task's version does not verify */
export async function createCoordinator(options: CoordinatorOptions): Promise<Coordinator> {
  const { store, identity, random = systemRandom, now = Date.now, host = '127.0.0.1' } = options;
  const onFailure = options.onFailure ?? (() => undefined);
  const handlers: { [E in keyof CoordinatorEvents]: Set<(value: CoordinatorEvents[E]) => void> } = {
    round: new Set(),
    version: new Set(),
    task: new Set(),
  };
  const events: TaskEvents = {
    round: (view) => handlers.round.forEach((handler) => handler(view)),
    version: (version) => handlers.version.forEach((handler) => handler(version)),
    task: (change) => handlers.task.forEach((handler) => handler(change)),
    failure: onFailure,
  };
  const places = createUploadPlaces(options.uploadPlaces ?? 3);
  const runners = new Map<string, TaskRunner>();
  let closing = false;

  async function run(record: TaskRecord): Promise<void> {
    const current = await store.version(record.currentVersion);
    const catalogue = await store.catalogue(record.catalogueHash);
    if (!current || !catalogue) {
      throw new StoreError(
        'damaged',
        `Task '${record.id}' misses its version or its catalogue in the store. Restore a backup.`,
      );
    }
    const itemCount = catalogueItems(catalogue).length;
    const runner = createTaskRunner(
      {
        store,
        identity,
        random,
        now,
        places,
        uploadIdleMilliseconds: options.uploadIdleMilliseconds ?? 10_000,
        events,
      },
      {
        record,
        recommender: coordinatorRecommender(record.document, itemCount),
        version: current.version,
        parameters: await loadVerifiedParameters(store, current.version, identity.publicKey),
        optimizerState: await store.optimizerState(record.id),
        ledger: await ledgerOf(store, identity, record, now),
        itemCount,
        catalogueBytes: catalogue.length,
      },
    );
    runners.set(record.id, runner);
    runner.start();
  }

  await recover(store, identity, now);
  for (const record of await store.tasks()) await run(record);

  const http = createServer();
  const io = new Server(http, {
    serveClient: false,
    transports: ['websocket', 'polling'],
    // Uniform bytes: what compresses well must not show in an upload's size.
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: chunkBytes + 65_536,
  });
  const connections: ConnectionPort = {
    coordinatorKey: identity.publicKey,
    software: coordinatorSoftware,
    random,
    identities: createLiveIdentities(2000),
    authenticationMilliseconds: 15_000,
    taskOf: (id) => runners.get(id) ?? null,
    refused: () => undefined,
    failed: onFailure,
    closing: () => closing,
  };
  io.on('connection', (socket) => serveConnection(socket, connections));
  const port = await listen(http, host, options.port ?? 0);

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    publicKey: bytesToHex(identity.publicKey),
    async createTask(document, catalogue) {
      await createTask({ store, identity, document, catalogue, now });
      const record = await store.task(document.task);
      if (!record) throw new StoreError('failed', `Task '${document.task}' was not found after it was written.`);
      await run(record);
      return record;
    },
    tasks: () => store.tasks(),
    view: (task) => runners.get(task)?.view() ?? null,
    async stopTask(task, reason) {
      const runner = runners.get(task);
      if (!runner) return false;
      await runner.stop('stopped', reason);
      return true;
    },
    on(event, handler) {
      handlers[event].add(handler);
      return () => handlers[event].delete(handler);
    },
    async close() {
      if (closing) return;
      closing = true;
      await Promise.all([...runners.values()].map((runner) => runner.close()));
      await io.close();
      http.closeAllConnections();
    },
  };
}

async function listen(server: ReturnType<typeof createServer>, host: string, port: number): Promise<number> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'EADDRINUSE'
        ? 'is in use by another program. Stop it, or choose another port'
        : code === 'EACCES'
          ? 'needs more permission than this user has. Choose a port above 1023'
          : `cannot be listened on (${code})`;
    throw new PortError(`Port ${port} on ${host} ${why}.`, { cause: error });
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new PortError(`Port ${port} on ${host} gave no address.`);
  return address.port;
}

/** The coordinator: one HTTP server with the devices' sockets and the operator's pages on it, over one store. */
import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { ItemEncodings } from '@tributary/model';
import { bytesToHex, type Identity, type SecureRandom, systemRandom } from '@tributary/privacy';
import { chunkBytes, type ModelVersion, type TaskDocument } from '@tributary/protocol';
import { Server } from 'socket.io';
import {
  createRoundEngines,
  type RoundEngines,
  type RoundEnginesOptions,
} from './aggregation/engines/round-engines.ts';
import { createHttpApp, type HttpPort, type TaskPage } from './http/index.ts';
import { createIdentityLogs } from './identities/identity-logs.ts';
import { ledgerOf } from './ledger/population-ledger.ts';
import { recover } from './recovery.ts';
import { importVersion, loadVerifiedParameters, rollbackVersion } from './registry/registry.ts';
import { RegistryError } from './registry/registry-error.ts';
import { lastClipNorm } from './release/next-clip-norm.ts';
import { serveConnection } from './session/device-connection.ts';
import { createLiveIdentities } from './session/live-identities.ts';
import type { CatalogueItem, Store, TaskRecord, TaskStatus } from './store/store.ts';
import { StoreError } from './store/store-error.ts';
import { catalogueItems, coordinatorRecommender, createTask } from './task/create-task.ts';
import type { RoundView, TaskEvents, TaskRunner } from './task/task.ts';
import { createTaskEncoder } from './task/task-encoder.ts';
import { createTaskRunner } from './task/task-runner.ts';
import { tellIdleEngine } from './task/tell-idle-engine.ts';
import { createUploadPlaces } from './task/upload-places.ts';
import { createLog, type Log } from './telemetry/log.ts';
import { createMetrics } from './telemetry/metrics.ts';

export const coordinatorSoftware = 'tributary-coordinator/0.1.0';

/** How long connections get to close in order when the coordinator closes. */
const farewellMilliseconds = 1000;

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
  /** Secret of admin calls; without one they are refused. */
  readonly adminToken?: string | null;
  readonly log?: Log;
  readonly random?: SecureRandom;
  readonly now?: () => number;
  /** Uploads that are in memory at a time. */
  readonly uploadPlaces?: number;
  /** A place without progress for so long is lost. */
  readonly uploadIdleMilliseconds?: number;
  /** Whoever has not proved an identity by then is disconnected. */
  readonly authenticationMilliseconds?: number;
  /** Encodes the texts of a catalogue, for tasks whose model sees them; without it they are refused. */
  readonly encodeItems?: (items: readonly CatalogueItem[]) => Promise<ItemEncodings>;
  /**
   * Folder of the encoder that `encodeItems` encodes with, null for the built-in one: for tasks whose model has an adapter, which is
   * fitted through it in a thread of its own; left out, such tasks are refused.
   */
  readonly adaptedEncoder?: string | null;
  /**
   * What rounds are added up with, from `chooseRoundEngine`; this process's own memory and threads by default. Closed with the
   * coordinator.
   */
  readonly engines?: Pick<RoundEnginesOptions, 'engine' | 'reopen' | 'leastBytes'>;
  /** Failures that are no device's fault, for an embedding program; they are logged anyhow. */
  readonly onFailure?: (error: unknown) => void;
}

export interface Coordinator {
  readonly url: string;
  readonly port: number;
  /** Hex of the key that devices pin. */
  readonly publicKey: string;
  /** Writes a task and starts it. @throws StoreError 'conflict', also for a model of texts without `encodeItems`; LedgerError */
  createTask(document: TaskDocument, catalogue: readonly CatalogueItem[]): Promise<TaskRecord>;
  tasks(): Promise<TaskRecord[]>;
  view(task: string): RoundView | null;
  /** Ends a task for good; false when there is none of that name. */
  stopTask(task: string, reason: string): Promise<boolean>;
  /** @throws RegistryError, StoreError 'conflict' */
  rollback(task: string, version: string): Promise<ModelVersion>;
  /** @throws RegistryError, SafetensorsError, StoreError 'conflict' */
  import(task: string, bytes: Uint8Array): Promise<ModelVersion>;
  /** Listens; the returned function stops it. */
  on<E extends keyof CoordinatorEvents>(event: E, handler: (value: CoordinatorEvents[E]) => void): () => void;
  /** Abandons open rounds, disconnects everybody and stops listening. */
  close(): Promise<void>;
}

export class PortError extends Error {
  override readonly name = 'PortError';
}

type Handlers = { readonly [E in keyof CoordinatorEvents]: Set<(value: CoordinatorEvents[E]) => void> };

/** @throws PortError when the address cannot be listened on; StoreError or RegistryError when a task cannot be trusted */
export async function createCoordinator(options: CoordinatorOptions): Promise<Coordinator> {
  const log = options.log ?? createLog({ level: 'silent' });
  const engines = createRoundEngines({
    ...options.engines,
    onFallback(error) {
      log.warn('an engine failed, and the host goes on in its place', { code: error.code, reason: error.message });
    },
  });
  try {
    return await openCoordinator(options, log, engines);
  } catch (error) {
    await engines.close();
    throw error;
  }
}

async function openCoordinator(options: CoordinatorOptions, log: Log, engines: RoundEngines): Promise<Coordinator> {
  const { store, identity, random = systemRandom, now = Date.now, host = '127.0.0.1' } = options;
  const metrics = createMetrics();
  const handlers: Handlers = { round: new Set(), version: new Set(), task: new Set() };
  const places = createUploadPlaces(options.uploadPlaces ?? 3);
  const runners = new Map<string, TaskRunner>();
  const encoder = createTaskEncoder(options);
  const identityLogs = createIdentityLogs(store.identities, identity);
  const startedAt = now();
  let connected = 0;
  let closing = false;

  const failed = (message: string) => (error: unknown) => {
    log.error(message, error);
    options.onFailure?.(error);
  };

  /** A handler that throws is its program's fault, and must not stop a round. */
  const tell = <Value>(listeners: ReadonlySet<(value: Value) => void>, value: Value): void => {
    for (const listener of listeners) {
      try {
        listener(value);
      } catch (error) {
        failed('an event handler failed')(error);
      }
    }
  };

  const events: TaskEvents = {
    round(view) {
      tell(handlers.round, view);
    },
    version(version) {
      log.info('version published', { task: version.task, round: version.round, version: version.hash });
      tell(handlers.version, version);
    },
    task(change) {
      log.info('task changed', change);
      tell(handlers.task, change);
    },
    roundEnded(round) {
      const { task, outcome, contributions, invited, reason } = round;
      const seconds = ((round.endedAt ?? now()) - round.openedAt) / 1000;
      if (outcome !== 'open') metrics.roundEnded({ task, outcome, seconds });
      log.info('round ended', { task, round: round.round, outcome, invited, contributions, reason, seconds });
    },
    contribution(bytes) {
      metrics.bytesReceived(bytes);
    },
    phaseEnded: metrics.phaseEnded,
    filled: metrics.filled,
    spent(population, { epsilon, budget, delta }) {
      metrics.spent(population, epsilon, budget);
      log.info('budget charged', { population, epsilon, budget, delta });
    },
    connected(change) {
      connected += change;
      metrics.connected(connected);
    },
    failure: failed('a task failed'),
  };

  async function run(record: TaskRecord): Promise<void> {
    const current = await store.version(record.currentVersion);
    const catalogue = await store.catalogue(record.catalogueHash);
    if (!current || !catalogue) {
      throw new StoreError(
        'damaged',
        `Task '${record.id}' misses its version or its catalogue in the store. Restore a backup.`,
      );
    }
    const items = catalogueItems(catalogue);
    const itemCount = items.length;
    // What has ended takes no steps, and needs no encoder.
    const encodings = record.status === 'running' ? await encoder.encodingsOf(record.document, items) : undefined;
    const ledger = await ledgerOf(store.ledger, identity, record.document, now);
    if (ledger) {
      const { epsilon, budget } = await ledger.spend();
      // A chain that was cut at its end verifies; what was signed at the release tells that something is missing.
      if ((current.version.epsilon ?? 0) > epsilon * (1 + 1e-9)) {
        throw new StoreError(
          'damaged',
          `The ledger of population '${record.document.population}' holds less than version ${current.version.hash} was released with: entries are missing. Restore a backup.`,
        );
      }
      metrics.spent(record.document.population, epsilon, budget);
    }
    const parameters = await loadVerifiedParameters(store, current.version, identity.publicKey);
    const optimizerState = await store.optimizerState(record.id);
    const clipNorm = await lastClipNorm(store, record);
    const identityLog = await identityLogs.of(record.document);
    // Last: from here on the runner closes it.
    const stepThread = record.status === 'running' ? await encoder.stepThread(record.document, items, encodings) : null;
    const runner = createTaskRunner(
      {
        store,
        identity,
        random,
        now,
        places,
        engines,
        identityLog,
        uploadIdleMilliseconds: options.uploadIdleMilliseconds ?? 10_000,
        events: {
          ...events,
          contribution: (bytes) => {
            metrics.contributionAdded(record.id);
            events.contribution(bytes);
          },
        },
      },
      {
        record,
        recommender: coordinatorRecommender(record.document, itemCount, items, { encodings }),
        stepThread,
        version: current.version,
        parameters,
        optimizerState,
        clipNorm,
        ledger,
        itemCount,
        catalogueBytes: catalogue.length,
      },
    );
    runners.set(record.id, runner);
    if (record.status === 'running') tellIdleEngine(log, engines, record);
    runner.start();
  }

  /** Puts another version in force: the open round is abandoned first, so that none is released onto it. */
  async function replace(task: string, publish: () => Promise<ModelVersion>): Promise<ModelVersion> {
    const runner = runners.get(task);
    if (!runner) throw new RegistryError('unknown-task', `There is no task '${task}'.`);
    return runner.replaceVersion(async () => {
      const version = await publish();
      return { version, parameters: await loadVerifiedParameters(store, version, identity.publicKey) };
    });
  }

  const coordinator: Omit<Coordinator, 'url' | 'port'> = {
    publicKey: bytesToHex(identity.publicKey),
    async createTask(document, catalogue) {
      await encoder.check(document, catalogue);
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
    async rollback(task, version) {
      // A wrong hash must not cost the open round.
      if ((await store.version(version))?.version.task !== task) {
        throw new RegistryError('unknown-version', `Task '${task}' has no version ${version}.`);
      }
      return replace(task, () => rollbackVersion(store, identity, task, version, now));
    },
    import: (task, bytes) => replace(task, () => importVersion(store, identity, task, bytes, now)),
    on(event, handler) {
      handlers[event].add(handler);
      return () => handlers[event].delete(handler);
    },
    async close() {
      if (closing) return;
      closing = true;
      const ends = await Promise.allSettled([...runners.values()].map((runner) => runner.close()));
      // A device that lost its network answers no farewell.
      const farewell = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, farewellMilliseconds);
      await io.close();
      clearTimeout(farewell);
      await engines.close();
      metrics.close();
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    },
  };

  const pageOf = (record: TaskRecord): TaskPage => ({ record, live: coordinator.view(record.id) });
  const pages: HttpPort = {
    adminToken: options.adminToken ?? null,
    health: () => ({
      software: coordinatorSoftware,
      uptimeSeconds: (now() - startedAt) / 1000,
      engine: engines.chosen,
    }),
    async ready() {
      if (closing) return { ready: false, reason: 'shutting down' };
      await store.tasks();
      return { ready: true, reason: '' };
    },
    tasks: async () => (await store.tasks()).map(pageOf),
    async task(id) {
      const record = await store.task(id);
      return record ? pageOf(record) : null;
    },
    rounds: (task, limit) => store.rounds(task, limit),
    versions: (task) => store.versions(task),
    metrics: async () => ({ contentType: metrics.contentType, text: await metrics.render() }),
    async createTask(document, catalogue) {
      await coordinator.createTask(document, catalogue);
    },
    stopTask: (id) => coordinator.stopTask(id, 'stopped by the operator'),
    rollback: (task, version) => coordinator.rollback(task, version),
    identityLog: identityLogs.known,
    failed: failed('a request failed'),
  };

  await recover(store, identity, now);
  for (const record of await store.tasks()) await run(record);

  const http = createServer(getRequestListener(createHttpApp(pages).fetch));
  const sockets = new Set<Socket>();
  http.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const io = new Server(http, {
    serveClient: false,
    transports: ['websocket', 'polling'],
    // Uniform bytes: what compresses well must not show in an upload's size.
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: chunkBytes + 65_536,
  });
  const connections = {
    coordinatorKey: identity.publicKey,
    software: coordinatorSoftware,
    random,
    identities: createLiveIdentities(2000),
    authenticationMilliseconds: options.authenticationMilliseconds ?? 15_000,
    taskOf: (id: string) => runners.get(id) ?? null,
    refused: metrics.refused,
    failed: failed('a request of a device failed'),
    closing: () => closing,
  };
  io.on('connection', (socket) => serveConnection(socket, connections));
  try {
    const port = await listen(http, host, options.port ?? 0);
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
    log.info('listening', { url, port, software: coordinatorSoftware });
    return { ...coordinator, url, port };
  } catch (error) {
    await coordinator.close();
    throw error;
  }
}

async function listen(server: HttpServer, host: string, port: number): Promise<number> {
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

/** A real coordinator with a small task, real devices, and a TCP proxy between them that can be cut. */
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTributary, type Tributary, type TributaryEvents, type TributaryOptions } from '@tributary/client';
import {
  type Coordinator,
  type CoordinatorOptions,
  createCoordinator,
  loadCoordinatorIdentity,
  openStore,
} from '@tributary/coordinator';
import type { Item } from '@tributary/model';
import { type Identity, systemRandom } from '@tributary/privacy';
import { checkTaskDocument, type TaskDocument } from '@tributary/protocol';

export const task = 'shop';
type Store = Awaited<ReturnType<typeof openStore>>;

export function taskDocument(fields: object = {}): TaskDocument {
  const check = checkTaskDocument({
    version: 1,
    task,
    population: 'people',
    model: { kind: 'implicit-als', dimension: 8 },
    rounds: 3,
    cohort: { target: 6, minimum: 4, overSelection: 1.3, selectionSeconds: 3, collectionSeconds: 30 },
    privacy: { plan: 'sealed', clipNorm: 5 },
    optimizer: { kind: 'fedavg', learningRate: 0.5 },
    ...fields,
  });
  if (!check.ok) throw new Error(JSON.stringify(check.problems));
  return check.task;
}

export function catalogueOf(items: number) {
  return Array.from({ length: items }, (_, i) => ({
    id: `sku-${i}`,
    title: `Thing ${i}`,
    attributes: [],
    description: '',
  }));
}

export interface World {
  readonly url: string;
  readonly identity: Identity;
  readonly coordinator: Coordinator;
  readonly store: Store;
  readonly failures: unknown[];
  /** Ends the coordinator in the middle of whatever it does, and starts another over the same store and port. */
  restart(): Promise<void>;
  device(options?: Partial<TributaryOptions>, seed?: number, events?: number): Promise<Watched>;
  close(): Promise<void>;
}

export interface Watched {
  readonly tributary: Tributary;
  readonly errors: string[];
  readonly rounds: TributaryEvents['round'][];
  readonly progress: TributaryEvents['progress'][];
}

export async function startWorld(
  document: TaskDocument = taskDocument(),
  of: number | readonly Item[] = 50,
  options: Partial<CoordinatorOptions> = {},
): Promise<World> {
  const catalogue = typeof of === 'number' ? catalogueOf(of) : of;
  const folder = await mkdtemp(join(tmpdir(), 'tributary-client-'));
  const identity = await loadCoordinatorIdentity(folder, systemRandom);
  const failures: unknown[] = [];
  const store = await openStore(join(folder, 'store'));
  const serve = (port: number) =>
    createCoordinator({ store, identity, port, onFailure: (error) => failures.push(error), ...options });
  let coordinator = await serve(0);
  await coordinator.createTask(document, catalogue);
  const devices: Tributary[] = [];
  const { url, port } = coordinator;
  return {
    url,
    identity,
    failures,
    get coordinator() {
      return coordinator;
    },
    store,
    async restart() {
      await coordinator.close();
      coordinator = await serve(port);
    },
    async device(given = {}, seed = devices.length, events = 6) {
      const tributary = await createTributary({
        url,
        task,
        consent: 'granted',
        autoStart: false,
        backoff: { baseMilliseconds: 30, maximumMilliseconds: 200 },
        // `sealed` has to be agreed to by name.
        agreement: { plans: [document.privacy.plan] },
        ...given,
      });
      devices.push(tributary);
      const watched: Watched = { tributary, errors: [], rounds: [], progress: [] };
      tributary.on('error', ({ code, message }) => watched.errors.push(`${code}: ${message}`));
      tributary.on('round', (round) => watched.rounds.push(round));
      tributary.on('progress', (progress) => watched.progress.push(progress));
      for (let i = 0; i < events; i++)
        await tributary.track({ type: 'view', itemId: catalogue[(seed * 3 + i * 2) % catalogue.length].id, at: i });
      return watched;
    },
    async close() {
      await Promise.all(devices.map((device) => device.stop()));
      await coordinator.close();
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}

/**
 * Forwards TCP and keeps what went by; `cut()` resets every connection, and `cutAfter` the next one once so many bytes went that
 * way.
 */
export async function startProxy(target: string) {
  const { hostname, port } = new URL(target);
  const pairs = new Set<Socket>();
  let limit: { direction: 'up' | 'down'; bytes: number } | null = null;
  let cuts = 0;
  let accepted = 0;
  let open = 0;
  const passed: Record<'up' | 'down', Buffer[]> = { up: [], down: [] };
  const cut = () => {
    for (const socket of pairs) socket.resetAndDestroy();
    pairs.clear();
  };
  const server = createServer((near) => {
    accepted++;
    open++;
    near.on('close', () => open--);
    const far = connect(Number(port), hostname);
    for (const [from, to, direction] of [
      [near, far, 'up'],
      [far, near, 'down'],
    ] as const) {
      pairs.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.on('data', (data) => {
        if (limit?.direction === direction) {
          limit.bytes -= data.length;
          if (limit.bytes < 0) {
            limit = null;
            cuts++;
            return cut();
          }
        }
        passed[direction].push(data);
        to.write(data);
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutAfter(direction: 'up' | 'down', bytes: number) {
      limit = { direction, bytes };
    },
    cuts: () => cuts,
    accepted: () => accepted,
    /** Connections that have not ended. */
    open: () => open,
    /** All that went that way, over all connections. */
    bytes: (direction: 'up' | 'down'): Uint8Array => Buffer.concat(passed[direction]),
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

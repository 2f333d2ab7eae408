/** A coordinator over a store in a folder of its own, with a small task, as tests of what goes over its sockets want it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIdentity, type Identity, systemRandom } from '@tributary/privacy';
import { checkTaskDocument, type RoundDescriptor, type TaskDocument } from '@tributary/protocol';
import { type Coordinator, type CoordinatorOptions, createCoordinator } from '../coordinator.ts';
import { openStore } from '../store/embedded.ts';
import type { CatalogueItem, Store } from '../store/store.ts';
import { connectRaw, type RawDevice } from './raw-device.ts';

export const smallTask = 'films';

/** A valid document; fields replace whole sections. @throws Error naming what is wrong with it */
export function smallDocument(fields: object = {}): TaskDocument {
  const check = checkTaskDocument({
    version: 1,
    task: smallTask,
    population: 'members',
    model: { kind: 'implicit-als', dimension: 4 },
    rounds: 3,
    cohort: { target: 2, minimum: 2, overSelection: 1, selectionSeconds: 30, collectionSeconds: 30 },
    privacy: { plan: 'sealed', clipNorm: 5 },
    optimizer: { kind: 'fedavg', learningRate: 0.5 },
    ...fields,
  });
  if (!check.ok) throw new Error(JSON.stringify(check.problems));
  return check.task;
}

export function smallCatalogue(items: number): CatalogueItem[] {
  return Array.from({ length: items }, (_, i) => ({
    id: `f${i}`,
    title: `Film ${i}`,
    attributes: [],
    description: '',
  }));
}

export interface SmallWorld {
  readonly coordinator: Coordinator;
  readonly store: Store;
  readonly identity: Identity;
  /** Connected and authenticated for the task. */
  device(identity?: Identity): Promise<RawDevice>;
  /** So many devices that have joined and been invited, and the description of their round. */
  invited(count: number): Promise<{ readonly devices: readonly RawDevice[]; readonly descriptor: RoundDescriptor }>;
  close(): Promise<void>;
}

export async function startSmallWorld(
  document: TaskDocument = smallDocument(),
  options: Partial<CoordinatorOptions> & {
    readonly items?: number;
    /** The store as the coordinator sees it, e.g. one that fails. */
    readonly seenAs?: (store: Store) => Store;
  } = {},
): Promise<SmallWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-coordinator-'));
  const store = await openStore(folder);
  const identity = createIdentity(systemRandom);
  const coordinator = await createCoordinator({ identity, ...options, store: options.seenAs?.(store) ?? store });
  await coordinator.createTask(document, smallCatalogue(options.items ?? 10));
  const connected: RawDevice[] = [];

  async function device(ofDevice?: Identity): Promise<RawDevice> {
    const raw = await connectRaw(coordinator.url, ofDevice);
    connected.push(raw);
    await raw.authenticate(document.task);
    return raw;
  }
  return {
    coordinator,
    store,
    identity,
    device,
    async invited(count) {
      const devices = await Promise.all(Array.from({ length: count }, () => device()));
      await Promise.all(devices.map((raw) => raw.request('join', {})));
      const [descriptor] = await Promise.all(devices.map((raw) => raw.next('invitation')));
      return { devices, descriptor };
    },
    async close() {
      for (const raw of connected) raw.close();
      await coordinator.close();
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}

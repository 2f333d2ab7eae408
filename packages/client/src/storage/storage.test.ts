/** The contract of a storage, held against every implementation; against a browser's own IndexedDB in test/browser/storage.test.ts. */
import 'fake-indexeddb/auto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { memoryKeyValue } from '../react-native/async-storage.cases.ts';
import { createReactNativeStorage } from '../react-native/react-native-storage.ts';
import { fileStorage } from './file/file-storage.ts';
import { indexedDbStorage } from './indexed-db/indexed-db-storage.ts';
import { memoryStorage } from './memory-storage.ts';
import type { Storage } from './storage.ts';
import { describeStorage } from './storage-contract.cases.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function openFileStorage(): Promise<Storage> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-storage-'));
  const storage = await fileStorage(folder);
  cleanups.push(async () => {
    await storage.close();
    await rm(folder, { recursive: true });
  });
  return storage;
}

let databases = 0;
async function openIndexedDbStorage(): Promise<Storage> {
  const storage = await indexedDbStorage({ name: `contract-${databases++}` });
  cleanups.push(() => storage.close());
  return storage;
}

async function openReactNativeStorage(): Promise<Storage> {
  return createReactNativeStorage({ keyValue: memoryKeyValue(), key: new Uint8Array(32).fill(7) });
}

const implementations: readonly [string, () => Promise<Storage>][] = [
  ['memoryStorage', async () => memoryStorage()],
  ['fileStorage', openFileStorage],
  ['indexedDbStorage', openIndexedDbStorage],
  ['createReactNativeStorage', openReactNativeStorage],
];

for (const [name, open] of implementations) describeStorage(name, open);

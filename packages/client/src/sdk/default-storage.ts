import { StorageError } from '../errors/tributary-error.ts';
import { indexedDbStorage } from '../storage/indexed-db/indexed-db-storage.ts';
import { memoryStorage } from '../storage/memory-storage.ts';
import type { Storage } from '../storage/storage.ts';
import type { Log } from './events.ts';

/** A browser's IndexedDB; in memory where there is none, or where the browser refuses it, as some do in private windows. */
export async function defaultStorage(task: string, log: Log): Promise<Storage> {
  if (globalThis.indexedDB === undefined) return memoryStorage();
  try {
    return await indexedDbStorage({ name: `tributary-${task}` });
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== 'storage-failed') throw error;
    log({ level: 'warn', message: `${error.message} What this page learns is forgotten when it closes.` });
    return memoryStorage();
  }
}

/** What can go wrong with a storage in a key-value store. */
import { reasonOf, StorageError, TributaryError } from '../errors/tributary-error.ts';

export function damaged(name: string, place: string, cause?: unknown): StorageError {
  return new StorageError(
    'storage-damaged',
    `What the storage '${name}' keeps as '${place}' is damaged. Erase it (wipe) to start without it.`,
    { cause },
  );
}

export function wrongKey(name: string, cause: unknown): StorageError {
  return new StorageError(
    'storage-damaged',
    `The key does not open the storage '${name}': pass the one that it was written with, or remove the storage ` +
      '(deleteReactNativeStorage) to start without it.',
    { cause },
  );
}

/** What the store itself throws becomes a StorageError 'storage-failed'. */
export async function translated<T>(name: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    if (cause instanceof TributaryError) throw cause;
    throw new StorageError(
      'storage-failed',
      `Cannot use the storage '${name}': the app's key-value store says: ${reasonOf(cause)}. What was stored before is intact. ` +
        'Where the store is full, free some space or raise its limit (AsyncStorage_db_size_in_MB on Android).',
      { cause },
    );
  }
}

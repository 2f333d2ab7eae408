/**
 * A storage in the browser's IndexedDB. Interactions and records are encrypted under a key that stays in the browser; blobs are public
 * (models, catalogues) or sealed already.
 */
import { bytesToHex } from '@tributary/privacy';
import { type DBSchema, deleteDB, type IDBPTransaction, openDB } from 'idb';
import { StorageError } from '../../errors/tributary-error.ts';
import type { Storage, StorageRecordName, StorageRecords, StoredInteraction } from '../storage.ts';
import { createKey, decryptValue, encryptValue } from './at-rest-key.ts';
import { type InteractionRow, type PackedRow, rowsToCut, rowsToPack } from './interaction-rows.ts';

/** Raised with every change of the stores below. */
const databaseVersion = 1;

interface AtRestKey {
  readonly key: CryptoKey;
  readonly id: string;
}

interface Schema extends DBSchema {
  /** One row, 'at-rest'; the id tells it from one that was made after a wipe. */
  keys: { key: string; value: AtRestKey };
  interactions: { key: number; value: Uint8Array };
  records: { key: StorageRecordName; value: Uint8Array };
  blobs: { key: string; value: Uint8Array };
}
const stores = ['keys', 'interactions', 'records', 'blobs'] as const;
type Writing = IDBPTransaction<Schema, ('keys' | 'interactions' | 'records')[], 'readwrite'>;

export interface IndexedDbOptions {
  /** Of the database: one for each person and task. 'tributary' by default. */
  readonly name?: string;
}

/**
 * Opens (and makes) the database. The browser may evict it when space is short unless the person has granted persistence
 * (`navigator.storage.persist()`); a device that comes back after that is a new one.
 *
 * @throws StorageError 'storage-failed' where the browser has no IndexedDB or refuses it (some do in private windows); 'storage-newer'
 * where a newer version of this package has written it
 */
export async function indexedDbStorage({ name = 'tributary' }: IndexedDbOptions = {}): Promise<Storage> {
  if (globalThis.indexedDB === undefined || globalThis.crypto?.subtle === undefined) {
    throw new StorageError(
      'storage-failed',
      'This runtime has no IndexedDB or no Web Crypto (pages need https or localhost for it). Use memoryStorage(), or a storage of your own.',
    );
  }
  const { crypto } = globalThis;
  let closed: string | null = null;
  const database = await translated(() =>
    openDB<Schema>(name, databaseVersion, {
      upgrade(made) {
        made.createObjectStore('keys');
        made.createObjectStore('interactions', { autoIncrement: true });
        made.createObjectStore('records');
        made.createObjectStore('blobs');
      },
      // Another tab wants to delete it, or to open it with a newer version.
      blocking: (_current, _wanted, event) => {
        closed = 'another tab has taken it over';
        (event.target as IDBDatabase).close();
      },
      terminated: () => {
        closed = 'the browser has closed it, perhaps because its data were cleared';
      },
    }),
  );
  let known: AtRestKey | null = null;
  let last: Promise<unknown> = Promise.resolve();

  /** One operation after the other, in the order of the calls: encryption takes turns of its own. */
  function inTurn<T>(operation: () => Promise<T>): Promise<T> {
    const result = last.then(() => {
      if (closed !== null) {
        throw new StorageError('storage-failed', `The storage is closed: ${closed}. Open it again.`);
      }
      return translated(operation);
    });
    last = result.catch(() => {});
    return result;
  }

  async function atRestKey(): Promise<AtRestKey> {
    if (known !== null) return known;
    const made = { key: await createKey(crypto), id: crypto.randomUUID() };
    // Made before the transaction, which would not wait for it; whoever was first is kept.
    const transaction = database.transaction('keys', 'readwrite');
    const there = await transaction.store.get('at-rest');
    if (there === undefined) await transaction.store.put(made, 'at-rest');
    await transaction.done;
    known = there ?? made;
    return known;
  }

  /** Seals and writes, unless another tab has wiped the storage: what is sealed under a key that is gone would never open again. */
  async function writeSealed(
    store: 'interactions' | 'records',
    place: string,
    value: unknown,
    write: (bytes: Uint8Array, transaction: Writing) => Promise<void>,
  ): Promise<void> {
    const { key, id } = await atRestKey();
    const bytes = await encryptValue(crypto, key, place, value);
    const transaction = database.transaction(['keys', store], 'readwrite');
    const there = await transaction.objectStore('keys').get('at-rest');
    if (there?.id === id) await write(bytes, transaction);
    await transaction.done;
    if (there?.id !== id)
      throw new StorageError('storage-failed', 'Another tab has erased all of it. Load the page anew.');
  }

  async function readRows(): Promise<readonly InteractionRow[]> {
    const transaction = database.transaction('interactions');
    const [keys, sealed] = await Promise.all([transaction.store.getAllKeys(), transaction.store.getAll()]);
    const { key: opener } = await atRestKey();
    return Promise.all(
      sealed.map(async (bytes, row) => {
        const opened = (await decryptValue(crypto, opener, 'interaction', bytes)) as
          | StoredInteraction
          | StoredInteraction[];
        return { key: keys[row] as number, events: Array.isArray(opened) ? opened : [opened] };
      }),
    );
  }

  async function pack(packed: readonly PackedRow[]): Promise<void> {
    for (const { keys, events } of packed) {
      await writeSealed('interactions', 'interaction', events, async (bytes, transaction) => {
        if (!(await areThere(transaction, keys))) return;
        const store = transaction.objectStore('interactions');
        for (const key of keys.slice(1)) await store.delete(key);
        await store.put(bytes, keys[0]);
      });
    }
  }

  /** Whether rows are as they were read: another tab may have erased, packed or cut some of them meanwhile. */
  async function areThere(transaction: Writing, keys: readonly number[]): Promise<boolean> {
    const store = transaction.objectStore('interactions');
    const there = await Promise.all(keys.map((key) => store.getKey(key)));
    return there.every((key) => key !== undefined);
  }

  async function cut(rows: readonly InteractionRow[], count: number): Promise<void> {
    const { removed, shortened } = rowsToCut(rows, count);
    if (removed.length === 0 && shortened === undefined) return;
    // Packing joins neighbours under the key of the first: a row is still itself as long as the one after it is there.
    const touched = removed.length + (shortened === undefined ? 0 : 1);
    const expected = rows.slice(0, touched + 1).map(({ key }) => key);
    await writeSealed('interactions', 'interaction', shortened?.events ?? [], async (bytes, transaction) => {
      if (!(await areThere(transaction, expected))) return;
      const store = transaction.objectStore('interactions');
      for (const key of removed) await store.delete(key);
      if (shortened !== undefined) await store.put(bytes, shortened.key);
    });
  }

  const placeOf = (record: StorageRecordName) => `record ${record}`;

  try {
    await inTurn(atRestKey);
  } catch (error) {
    database.close();
    throw error;
  }
  return {
    sharedAs: name,
    appendInteraction: (interaction) => {
      const value = { ...interaction };
      return inTurn(() =>
        writeSealed('interactions', 'interaction', value, async (bytes, transaction) => {
          await transaction.objectStore('interactions').add(bytes);
        }),
      );
    },
    listInteractions: () =>
      inTurn(async () => {
        const rows = await readRows();
        await pack(rowsToPack(rows));
        return rows.flatMap(({ events }) => events);
      }),
    keepLatestInteractions: (count) =>
      inTurn(async () => {
        const rows = await readRows();
        await cut(rows, count);
        await pack(rowsToPack(await readRows()));
      }),
    eraseInteractions: () => inTurn(() => database.clear('interactions')),
    readRecord: <Name extends StorageRecordName>(record: Name) =>
      inTurn(async () => {
        const sealed = await database.get('records', record);
        if (sealed === undefined) return null;
        return (await decryptValue(crypto, (await atRestKey()).key, placeOf(record), sealed)) as StorageRecords[Name];
      }),
    writeRecord: (record, value) => {
      const copy = structuredClone(value);
      return inTurn(() =>
        writeSealed('records', placeOf(record), copy, async (bytes, transaction) => {
          await transaction.objectStore('records').put(bytes, record);
        }),
      );
    },
    removeRecord: (record) => inTurn(() => database.delete('records', record)),
    readBlob: (hash) =>
      inTurn(async () => {
        const bytes = await database.get('blobs', hash);
        if (bytes === undefined) return null;
        const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
        if (bytesToHex(digest) === hash) return bytes;
        throw new StorageError('storage-damaged', 'A blob in the storage is damaged: its SHA-256 is not its name.');
      }),
    writeBlob: (hash, bytes) =>
      inTurn(async () => {
        await database.put('blobs', bytes, hash);
      }),
    keepBlobs: (hashes) => {
      const kept = new Set(hashes);
      return inTurn(async () => {
        const transaction = database.transaction('blobs', 'readwrite');
        for (const hash of await transaction.store.getAllKeys())
          if (!kept.has(hash)) await transaction.store.delete(hash);
        await transaction.done;
      });
    },
    wipe: () =>
      inTurn(async () => {
        // The key goes with the rest: what a copy of the profile still holds opens no more.
        const transaction = database.transaction(stores, 'readwrite');
        await Promise.all(stores.map((store) => transaction.objectStore(store).clear()));
        await transaction.done;
        known = null;
      }),
    close: () => {
      const done = last.then(() => {
        closed ??= 'close() was called';
        database.close();
      });
      last = done.catch(() => {});
      return done;
    },
  };
}

/** Removes a database whole, open or not: other tabs that have it open are closed. */
export async function deleteIndexedDbStorage({ name = 'tributary' }: IndexedDbOptions = {}): Promise<void> {
  await translated(() => deleteDB(name));
}

const advice: Readonly<Record<string, { readonly code: 'storage-failed' | 'storage-newer'; readonly text: string }>> = {
  QuotaExceededError: {
    code: 'storage-failed',
    text: 'the quota of this site is used up. Free some space; what was stored before is intact',
  },
  VersionError: { code: 'storage-newer', text: 'a newer version of this package has written it. Load the page anew' },
  SecurityError: { code: 'storage-failed', text: 'the browser does not allow this page to store anything' },
  InvalidStateError: {
    code: 'storage-failed',
    text: 'the browser does not let it be used now, as some do in private windows. Use memoryStorage() there',
  },
};

async function translated<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (error instanceof StorageError || !(error instanceof DOMException)) throw error;
    const { code, text } = advice[error.name] ?? {
      code: 'storage-failed' as const,
      text: `the browser says ${error.name}`,
    };
    throw new StorageError(code, `Cannot use the browser's storage: ${text}.`, { cause: error });
  }
}

/**
 * A storage in a React Native app's AsyncStorage. Events and records are encrypted under a key that the app keeps in the platform's key
 * store; blobs are public (models, catalogues) or sealed already.
 */
import type { SecureRandom } from '@tributary/privacy';
import { StorageError, TributaryError } from '../errors/tributary-error.ts';
import { platformRandom } from '../sdk/platform-random.ts';
import type { Storage, StorageRecordName, StorageRecords, StoredInteraction } from '../storage/storage.ts';
import { readBlobParts, writeBlobParts } from './blob-parts.ts';
import { type KeyValueStore, longestValue } from './key-value.ts';
import { placesOf, sequenceOf } from './places.ts';
import { keyBytes, openText, sealText } from './seal-at-rest.ts';
import { damaged, translated, wrongKey } from './storage-errors.ts';

/** Raised with every change of the layout. */
const layoutVersion = 1;
/** How many events are read or removed at a time. */
const eventsAtATime = 200;

export interface ReactNativeStorageOptions {
  /** `AsyncStorage` of '@react-native-async-storage/async-storage', or another store of that shape. */
  readonly keyValue: KeyValueStore;
  /**
   * 32 random bytes, the same at every start: made once and kept in the platform's key store, e.g. by 'expo-secure-store'. Without them
   * nothing that was stored opens again.
   */
  readonly key: Uint8Array;
  /** Of the storage: one for each person and task; up to 64 letters, digits, `.`, `_` and `-`. 'device' by default. */
  readonly name?: string;
  /** Of nonces; the platform's by default. */
  readonly random?: SecureRandom;
}

/** Names that are open, by the store that they are in: a second instance would number its events as the first does. */
const openNames = new WeakMap<KeyValueStore, Set<string>>();

/**
 * Opens the storage, or begins it. AsyncStorage on Android holds 6 MB unless the app raises `AsyncStorage_db_size_in_MB`; models and
 * catalogues take a third more there than they have bytes.
 *
 * @throws TributaryError 'invalid-option'; StorageError 'storage-locked' while another instance has it open, 'storage-damaged' where the
 * key is not the one that it was written with, 'storage-newer', 'storage-failed'
 */
export async function createReactNativeStorage(options: ReactNativeStorageOptions): Promise<Storage> {
  const { keyValue, key, name, random } = checked(options);
  const places = placesOf(name);
  const open = openNames.get(keyValue) ?? new Set();
  openNames.set(keyValue, open);
  if (open.has(name)) {
    throw new StorageError(
      'storage-locked',
      `The storage '${name}' is open already. Close the other one first (stop()).`,
    );
  }
  open.add(name);
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();
  let nextSequence = 0;
  let isSealed = false;

  const keysUnder = async (prefix: string) => (await keyValue.getAllKeys()).filter((each) => each.startsWith(prefix));

  async function remove(keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await keyValue.multiRemove([...keys]);
  }

  /** One operation after the other, in the order of the calls. */
  function inTurn<T>(operation: () => Promise<T>): Promise<T> {
    const result = last.then(() => {
      if (closed) throw new StorageError('storage-failed', `The storage '${name}' is closed. Open it again.`);
      return translated(name, operation);
    });
    last = result.catch(() => {});
    return result;
  }

  /** Before the first write: what says, at the next start, whether the key is the same. */
  async function seal(): Promise<void> {
    if (isSealed) return;
    await keyValue.setItem(places.seal, `${layoutVersion} ${sealText('tributary', places.seal, key, random)}`);
    isSealed = true;
  }

  async function writeSealed(place: string, json: string): Promise<void> {
    const sealed = sealText(json, place, key, random);
    if (sealed.length > longestValue) {
      throw new StorageError(
        'storage-failed',
        `'${place}' would take ${sealed.length} characters; AsyncStorage keeps at most ${longestValue} under one key.`,
      );
    }
    await seal();
    await keyValue.setItem(place, sealed);
  }

  function openSealed<T>(place: string, sealed: string): T {
    try {
      return JSON.parse(openText(sealed, place, key));
    } catch (cause) {
      throw damaged(name, place, cause);
    }
  }

  async function valuesOf(keys: readonly string[]): Promise<(string | null)[]> {
    if (keyValue.multiGet === undefined) return Promise.all(keys.map((each) => keyValue.getItem(each)));
    const found = new Map(await keyValue.multiGet([...keys]));
    return keys.map((each) => found.get(each) ?? null);
  }

  try {
    await translated(name, async () => {
      const sealed = await keyValue.getItem(places.seal);
      isSealed = sealed !== null;
      if (sealed !== null) checkSeal(sealed, places.seal, key, name);
      const events = await keysUnder(places.events);
      nextSequence = events.reduce((next, each) => Math.max(next, sequenceOf(each) + 1), 0);
    });
  } catch (error) {
    open.delete(name);
    throw error;
  }

  return {
    appendInteraction: (interaction) => {
      const json = JSON.stringify(interaction);
      return inTurn(async () => {
        await writeSealed(places.event(nextSequence), json);
        nextSequence++;
      });
    },
    listInteractions: () =>
      inTurn(async () => {
        const keys = (await keysUnder(places.events)).sort();
        const events: StoredInteraction[] = [];
        for (let from = 0; from < keys.length; from += eventsAtATime) {
          const some = keys.slice(from, from + eventsAtATime);
          const sealed = await valuesOf(some);
          some.forEach((place, i) => {
            const value = sealed[i];
            if (value === null) throw damaged(name, place);
            events.push(openSealed(place, value));
          });
        }
        return events;
      }),
    keepLatestInteractions: (count) =>
      inTurn(async () => {
        const keys = (await keysUnder(places.events)).sort();
        const excess = keys.slice(0, Math.max(0, keys.length - count));
        // The oldest first: whatever a crash cuts off, the latest stay.
        for (let from = 0; from < excess.length; from += eventsAtATime) {
          await remove(excess.slice(from, from + eventsAtATime));
        }
      }),
    eraseInteractions: () => inTurn(async () => remove(await keysUnder(places.events))),
    readRecord: <Name extends StorageRecordName>(record: Name) =>
      inTurn(async () => {
        const place = places.record(record);
        const sealed = await keyValue.getItem(place);
        return sealed === null ? null : openSealed<StorageRecords[Name]>(place, sealed);
      }),
    writeRecord: (record, value) => {
      const json = JSON.stringify(value);
      return inTurn(() => writeSealed(places.record(record), json));
    },
    removeRecord: (record) => inTurn(() => keyValue.removeItem(places.record(record))),
    readBlob: (hash) =>
      inTurn(async () => {
        const bytes = await readBlobParts(keyValue, places, hash);
        if (bytes === 'damaged') throw damaged(name, places.blob(hash));
        return bytes;
      }),
    writeBlob: (hash, bytes) =>
      inTurn(async () => {
        await seal();
        await writeBlobParts(keyValue, places, hash, bytes);
      }),
    keepBlobs: (hashes) => {
      const kept = new Set(hashes);
      return inTurn(async () => {
        const hashOf = (place: string) => place.slice(places.blobs.length).split('/')[0];
        await remove((await keysUnder(places.blobs)).filter((place) => !kept.has(hashOf(place))));
      });
    },
    wipe: () =>
      inTurn(async () => {
        await remove(await keysUnder(places.all));
        isSealed = false;
        nextSequence = 0;
      }),
    close: () => {
      const done = last.then(() => {
        if (!closed) open.delete(name);
        closed = true;
      });
      last = done;
      return done;
    },
  };
}

/**
 * Removes a storage whole, also one whose key is lost.
 * @throws StorageError 'storage-locked' while it is open, 'storage-failed'
 */
export async function deleteReactNativeStorage({
  keyValue,
  name = 'device',
}: Pick<ReactNativeStorageOptions, 'keyValue' | 'name'>): Promise<void> {
  if (openNames.get(keyValue)?.has(name)) {
    throw new StorageError('storage-locked', `The storage '${name}' is open. Close it first (stop()).`);
  }
  await translated(name, async () => {
    const { all } = placesOf(name);
    const keys = (await keyValue.getAllKeys()).filter((each) => each.startsWith(all));
    if (keys.length > 0) await keyValue.multiRemove(keys);
  });
}

function checked(options: ReactNativeStorageOptions): Required<ReactNativeStorageOptions> {
  const { keyValue, key, name = 'device', random = platformRandom() } = options;
  for (const method of ['getItem', 'setItem', 'removeItem', 'getAllKeys', 'multiRemove'] as const) {
    if (typeof keyValue?.[method] !== 'function') {
      throw new TributaryError(
        'invalid-option',
        `keyValue has no ${method}(); pass the default export of '@react-native-async-storage/async-storage', version 1 or 2.`,
      );
    }
  }
  if (!(key instanceof Uint8Array) || key.length !== keyBytes) {
    throw new TributaryError(
      'invalid-option',
      `key must be a Uint8Array of ${keyBytes} random bytes, made once and kept in the platform's key store.`,
    );
  }
  if (!/^[\w.-]{1,64}$/.test(name)) {
    throw new TributaryError('invalid-option', 'name must be 1 to 64 letters, digits, dots, underscores and dashes.');
  }
  return { keyValue, key: key.slice(), name, random };
}

function checkSeal(sealed: string, place: string, key: Uint8Array, name: string): void {
  const [version, proof = ''] = sealed.split(' ');
  if (Number(version) > layoutVersion) {
    throw new StorageError('storage-newer', `A newer version of this package has written the storage '${name}'.`);
  }
  try {
    openText(proof, place, key);
  } catch (cause) {
    throw wrongKey(name, cause);
  }
}

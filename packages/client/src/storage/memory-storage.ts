/** A storage that lasts as long as the process. For tests, simulations and apps that keep nothing. */
import { StorageError } from '../errors/tributary-error.ts';
import type { Storage, StorageRecordName, StorageRecords, StoredInteraction } from './storage.ts';

/** A storage that is gone with the process or page. */
export function memoryStorage(): Storage {
  let interactions: StoredInteraction[] = [];
  const records = new Map<StorageRecordName, unknown>();
  const blobs = new Map<string, Uint8Array>();
  let closed = false;

  function open(): void {
    if (closed) throw new StorageError('storage-failed', 'The storage is closed; open a new one.');
  }

  return {
    async appendInteraction(interaction) {
      open();
      interactions.push({ ...interaction });
    },
    async listInteractions() {
      open();
      return [...interactions];
    },
    async keepLatestInteractions(count) {
      open();
      interactions = interactions.slice(Math.max(0, interactions.length - count));
    },
    async eraseInteractions() {
      open();
      interactions = [];
    },
    async readRecord<Name extends StorageRecordName>(name: Name) {
      open();
      return (records.get(name) as StorageRecords[Name] | undefined) ?? null;
    },
    async writeRecord(name, value) {
      open();
      records.set(name, JSON.parse(JSON.stringify(value)));
    },
    async removeRecord(name) {
      open();
      records.delete(name);
    },
    async readBlob(hash) {
      open();
      return blobs.get(hash) ?? null;
    },
    async writeBlob(hash, bytes) {
      open();
      blobs.set(hash, bytes);
    },
    async keepBlobs(hashes) {
      open();
      const kept = new Set(hashes);
      for (const hash of blobs.keys()) if (!kept.has(hash)) blobs.delete(hash);
    },
    async wipe() {
      open();
      interactions = [];
      records.clear();
      blobs.clear();
    },
    async close() {
      closed = true;
    },
  };
}

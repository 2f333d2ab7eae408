export {
  deleteIndexedDbStorage,
  type IndexedDbOptions,
  indexedDbStorage,
} from './indexed-db/indexed-db-storage.ts';
export * from './memory-storage.ts';
export * from './storage.ts';

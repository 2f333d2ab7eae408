/** The SDK for Node: the core, and a storage in a folder. */
export * from './index.ts';
export { fileStorage } from './storage/file/file-storage.ts';

export * from './memory-storage.ts';
export * from './storage.ts';

export * from './encode-once.ts';
export * from './item-encodings.ts';

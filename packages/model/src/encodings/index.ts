export * from './item-encodings.ts';

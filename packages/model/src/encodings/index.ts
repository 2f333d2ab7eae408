export * from './agreement.ts';
export * from './encode-once.ts';
export * from './item-encodings.ts';
export * from './text-model.ts';
export * from './trainable-encoder.ts';

export * from './engine.ts';
export * from './engine-error.ts';

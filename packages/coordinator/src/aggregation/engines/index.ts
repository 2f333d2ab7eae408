export * from './cpu/cpu-engine.ts';
export * from './engine.ts';
export * from './engine-error.ts';
export * from './round-engines.ts';

export * from './keys.ts';
export * from './state.ts';
export * from './transition.ts';
export * from './wipe-round-secrets.ts';

export * from './identity.ts';
export * from './secret-key.ts';

export * from './identity.ts';
export * from './memoised-verify.ts';
export * from './secret-key.ts';

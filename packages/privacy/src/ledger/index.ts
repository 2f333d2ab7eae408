export * from './entry.ts';
export * from './verify-ledger.ts';

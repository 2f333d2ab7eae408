export * from './ledger.ts';
export * from './population-ledger.ts';
export * from './verify-store.ts';

export * from './ledger.ts';
export * from './population-ledger.ts';

export * from './ledger.ts';
export * from './task-ledger.ts';

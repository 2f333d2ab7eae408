export * from './accounting/index.ts';
export * from './bytes/index.ts';
export * from './dp/index.ts';
export * from './hash/index.ts';
export * from './identity/index.ts';
export * from './ledger/index.ts';
export * from './random/index.ts';
export * from './sealing/index.ts';

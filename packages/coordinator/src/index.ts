export * from './aggregation/index.ts';
export * from './ledger/index.ts';
export * from './optimizer/index.ts';
export * from './round/index.ts';

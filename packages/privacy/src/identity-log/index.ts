export * from './log.ts';
export * from './proofs.ts';
export * from './tree.ts';

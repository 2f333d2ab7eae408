export * from './log.ts';
export { merkleNode, merkleRoot } from './merkle-node.ts';
export * from './proofs.ts';
export * from './signed-root.ts';
export * from './tree.ts';

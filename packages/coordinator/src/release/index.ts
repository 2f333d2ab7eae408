export * from './charge-noise-step.ts';
export * from './evaluation-means.ts';
export type { NoiseTree } from './noise-tree.ts';
export * from './opening-error.ts';
export * from './round-noise.ts';

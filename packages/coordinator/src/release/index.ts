export * from './calibrate-noise.ts';
export * from './charge-noise-step.ts';
export * from './claims.ts';
export * from './clip-norm.ts';
export * from './evaluation-means.ts';
export * from './noise-tree.ts';
export * from './opening-error.ts';
export * from './round-noise.ts';

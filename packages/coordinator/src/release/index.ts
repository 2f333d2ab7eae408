export * from './calibrate-noise.ts';
export * from './charge-noise-step.ts';
export * from './evaluation-means.ts';
export * from './next-clip-norm.ts';
export * from './opening-error.ts';
export * from './privacy-claims.ts';
export * from './round-noise.ts';
export * from './tree-of-rounds.ts';

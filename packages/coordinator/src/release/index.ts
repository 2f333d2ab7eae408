export * from './charge-noise-step.ts';
export * from './evaluation-means.ts';

export * from './charge-noise-step.ts';
export * from './evaluation-means.ts';
export * from './opening-error.ts';

export * from './baselines.ts';
export * from './cold-items.ts';
export * from './error.ts';
export * from './evaluate.ts';
export * from './metrics.ts';
export * from './ranking.ts';
export * from './report.ts';
export { emptyQuality, finishQuality, mergeQuality, type QualitySums } from './sums.ts';

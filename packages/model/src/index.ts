export * from './evaluation/index.ts';
export * from './parameters/index.ts';
export * from './random/index.ts';
export * from './recommender/index.ts';
export * from './data/dataset.ts';

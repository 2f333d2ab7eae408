export * from './data/dataset.ts';
export * from './data/negatives.ts';
export * from './encodings/index.ts';
export * from './evaluation/index.ts';
export * from './parameters/index.ts';
export * from './random/index.ts';
export * from './recommender/index.ts';
export * from './safetensors/index.ts';

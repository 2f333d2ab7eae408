export * from './contribution.ts';
export * from './create-recommender.ts';
export * from './implicit-als/index.ts';
export * from './local-sgd/index.ts';
export * from './matrix-factorisation/index.ts';
export * from './neumf/index.ts';
export * from './recommender.ts';
export * from './specification.ts';

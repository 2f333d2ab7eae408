export * from './contribution.ts';
export * from './recommender.ts';
export * from './specification.ts';

export type { GraphAssumptions } from './assumptions.ts';
export * from './find.ts';
export * from './range.ts';

export type { GraphAssumptions } from './assumptions.ts';
export * from './degree-and-threshold.ts';
export * from './range.ts';

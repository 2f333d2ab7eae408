export * from './adaptive-clipping.ts';
export type { AddNoise, NoiseTable } from './add-integer-noise.ts';
export * from './clipping.ts';
export * from './discrete-gaussian.ts';
export * from './gaussian.ts';
export * from './skellam.ts';
export * from './tree-noise.ts';

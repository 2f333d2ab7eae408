export * from './clipping.ts';
export * from './gaussian.ts';

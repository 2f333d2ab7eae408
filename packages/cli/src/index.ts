export * from './exit/exit-codes.ts';
export { type RunOptions, run } from './run.ts';

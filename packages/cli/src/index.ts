export * from './exit/exit-codes.ts';
export { type RunResultDocument, runResultSchema } from './output/run-result-schema.ts';
export { type RunOptions, run } from './run.ts';

export * from './accumulator.ts';
export * from './contribution-check.ts';
export * from './engines/index.ts';
export * from './unmask.ts';

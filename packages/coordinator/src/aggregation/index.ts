export * from './accumulator.ts';

export * from './optimizer.ts';

export * from './shared-sum.ts';

export * from './charge-noise-step.ts';

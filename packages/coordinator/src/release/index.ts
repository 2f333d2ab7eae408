export * from './private-step.ts';

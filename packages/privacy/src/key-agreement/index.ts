export * from './key-agreement.ts';

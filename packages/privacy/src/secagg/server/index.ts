export type { Opening } from './opening.ts';
export * from './server.ts';
export type { CoordinatorMessage, ServerPhase } from './tables.ts';

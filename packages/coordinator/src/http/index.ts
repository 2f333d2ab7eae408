export * from './app.ts';
export type * from './port.ts';

export * from './accountant.ts';
export * from './event.ts';
export * from './rdp.ts';

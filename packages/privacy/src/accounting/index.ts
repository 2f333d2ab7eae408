export * from './accountant.ts';
export * from './rdp.ts';

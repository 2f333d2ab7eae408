export * from './frame.ts';
export * from './hex.ts';
export * from './text.ts';

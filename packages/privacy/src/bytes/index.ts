export * from './frame.ts';
export * from './hex.ts';

export * from './keystream.ts';
export * from './secure-random.ts';

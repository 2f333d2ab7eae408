export * from './hkdf.ts';

export * from './authentication.ts';
export * from './model-version.ts';
export * from './protocol-version.ts';
export * from './round-descriptor.ts';

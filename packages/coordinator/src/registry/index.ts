export * from './keys.ts';
export * from './registry.ts';
export * from './registry-error.ts';
export * from './safetensors.ts';
export * from './version.ts';

export {
  type NamedTensor,
  readSafetensors,
  SafetensorsError,
  type SafetensorsFile,
  writeSafetensors,
} from '@tributary/model';
export * from './keys.ts';
export * from './registry.ts';
export * from './registry-error.ts';
export * from './version.ts';

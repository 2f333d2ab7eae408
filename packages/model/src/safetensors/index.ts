/** The safetensors format: u64le length of a JSON header, the header, the tensors' little-endian bytes one after the other. */
export { bytesOfFloats } from './dtype.ts';
export { SafetensorsError } from './error.ts';
export {
  maximumHeaderBytes,
  type NamedTensor,
  readSafetensors,
  type SafetensorsFile,
  writeSafetensors,
} from './float-file.ts';
export type { TensorEntry } from './header.ts';
export { type ByteSource, bytesSource, type OpenSafetensors, openSafetensors } from './open.ts';
export { type TensorDescription, writeHeader } from './write-header.ts';

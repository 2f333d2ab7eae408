/** Safetensors files of float32 tensors as a whole, in memory: models of the registry and adapters. */
import { bytesOfFloats, floatsOf } from './dtype.ts';
import { SafetensorsError } from './error.ts';
import { elementsOf, headerLength, lengthBytes, parseHeader } from './header.ts';
import { writeHeader } from './write-header.ts';

export interface NamedTensor {
  readonly name: string;
  /** Non-negative integers; an empty shape is a scalar. */
  readonly shape: readonly number[];
  /** [product of shape] */
  readonly values: Float32Array;
}

export interface SafetensorsFile {
  /** In the order of their bytes. */
  readonly tensors: readonly NamedTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** A model has tens of tensors; a header past this is refused before it is parsed. */
export const maximumHeaderBytes = 1_048_576;

/** @throws SafetensorsError on a repeated or reserved name, or a shape that is not the values' */
export function writeSafetensors({ tensors, metadata }: SafetensorsFile): Uint8Array {
  for (const { name, shape, values } of tensors) {
    if (elementsOf(shape) !== values.length) {
      throw new SafetensorsError(`Tensor ${JSON.stringify(name)} has ${values.length} values for shape [${shape}].`);
    }
  }
  const descriptions = tensors.map(({ name, shape }) => ({ name, type: 'F32' as const, shape }));
  const header = writeHeader(descriptions, metadata, maximumHeaderBytes);
  const bytes = new Uint8Array(header.length + tensors.reduce((sum, { values }) => sum + values.byteLength, 0));
  bytes.set(header);
  let at = header.length;
  for (const { values } of tensors) {
    bytes.set(bytesOfFloats(values), at);
    at += values.byteLength;
  }
  return bytes;
}

/** @throws SafetensorsError that says what is wrong; holes, overlaps, trailing bytes and types other than F32 are */
export function readSafetensors(bytes: Uint8Array): SafetensorsFile {
  const start = lengthBytes + headerLength(bytes, bytes.length, maximumHeaderBytes);
  const { entries, metadata } = parseHeader(bytes.subarray(lengthBytes, start), bytes.length - start);
  const tensors = entries.map(({ name, type, shape, begin, end }) => {
    if (type !== 'F32') {
      throw new SafetensorsError(`Tensor ${JSON.stringify(name)} is of type "${type}"; expected "F32".`);
    }
    return { name, shape, values: floatsOf(type, bytes.subarray(start + begin, start + end)) };
  });
  return { tensors, metadata };
}

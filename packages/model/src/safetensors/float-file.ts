/** Safetensors files of float32 tensors as a whole, in memory: models of the registry and adapters. */
import { bytesOfFloats, floatsOf } from './dtype.ts';
import { SafetensorsError } from './error.ts';
import { elementsOf, headerLength, lengthBytes, metadataKey, parseHeader } from './header.ts';

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
  const header = new Map<string, unknown>();
  if (Object.keys(metadata).length > 0) header.set(metadataKey, metadata);
  let end = 0;
  for (const { name, shape, values } of tensors) {
    if (header.has(name) || name === metadataKey)
      throw new SafetensorsError(`The name ${JSON.stringify(name)} is taken.`);
    if (elementsOf(shape) !== values.length) {
      throw new SafetensorsError(`Tensor ${JSON.stringify(name)} has ${values.length} values for shape [${shape}].`);
    }
    header.set(name, { dtype: 'F32', shape, data_offsets: [end, end + values.byteLength] });
    end += values.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  // Padded with spaces, so that the data are aligned to 8 bytes.
  const length = Math.ceil(text.length / 8) * 8;
  if (length > maximumHeaderBytes) throw new SafetensorsError('The header is too large: too many tensors.');
  const bytes = new Uint8Array(lengthBytes + length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.fill(0x20, lengthBytes, lengthBytes + length);
  bytes.set(text, lengthBytes);
  let at = lengthBytes + length;
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

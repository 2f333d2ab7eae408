/**
 * The safetensors format, float32 only: u64le length of a JSON header, the header, the tensors' little-endian bytes one after
 * the other. Read strictly: whatever is not exactly covered by the header is refused.
 */
import { bytesOfFloats, floatsOfBytes } from '../store/blobs.ts';
import { repeatedKey } from './repeated-key.ts';

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

/** The bytes are not a safetensors file of float32 tensors. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';
}

/** A model has tens of tensors; a header past this is refused before it is parsed. */
export const maximumHeaderBytes = 1_048_576;

const metadataKey = '__metadata__';
const lengthBytes = 8;

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
  const headerLength = Math.ceil(text.length / 8) * 8;
  if (headerLength > maximumHeaderBytes) throw new SafetensorsError('The header is too large: too many tensors.');
  const bytes = new Uint8Array(lengthBytes + headerLength + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, lengthBytes, lengthBytes + headerLength);
  bytes.set(text, lengthBytes);
  let at = lengthBytes + headerLength;
  for (const { values } of tensors) {
    bytes.set(bytesOfFloats(values), at);
    at += values.byteLength;
  }
  return bytes;
}

/** @throws SafetensorsError that says what is wrong; holes, overlaps and trailing bytes are */
export function readSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { header, data } = splitHeader(bytes);
  const metadata = metadataOf(header.get(metadataKey));
  header.delete(metadataKey);
  const entries = [...header].map(([name, entry]) => ({ name, ...entryOf(name, entry) })).sort(inOrderOfBytes);
  const tensors: NamedTensor[] = [];
  let at = 0;
  for (const { name, shape, begin, end } of entries) {
    if (begin !== at) {
      throw new SafetensorsError(
        `Tensor ${JSON.stringify(name)} begins at byte ${begin}; expected ${at}, without hole or overlap.`,
      );
    }
    if (end > data.length) {
      throw new SafetensorsError(
        `Tensor ${JSON.stringify(name)} ends at byte ${end} of ${data.length}: the file is cut short.`,
      );
    }
    tensors.push({ name, shape, values: floatsOfBytes([data.subarray(begin, end)]) });
    at = end;
  }
  if (at !== data.length) throw new SafetensorsError(`${data.length - at} bytes after the last tensor belong to none.`);
  return { tensors, metadata };
}

function splitHeader(bytes: Uint8Array): { header: Map<string, unknown>; data: Uint8Array } {
  if (bytes.length < lengthBytes) throw new SafetensorsError('The file is shorter than its 8-byte header length.');
  const length = new DataView(bytes.buffer, bytes.byteOffset, lengthBytes).getBigUint64(0, true);
  if (length > BigInt(maximumHeaderBytes)) {
    throw new SafetensorsError(`The header claims ${length} bytes; at most ${maximumHeaderBytes} are read.`);
  }
  const from = lengthBytes + Number(length);
  if (from > bytes.length) throw new SafetensorsError('The header is longer than the file.');
  let text: string;
  let parsed: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(lengthBytes, from));
    parsed = JSON.parse(text);
  } catch {
    throw new SafetensorsError('The header is not JSON in UTF-8.');
  }
  if (!text.startsWith('{') || !isRecord(parsed)) throw new SafetensorsError('The header is not a JSON object.');
  const repeated = repeatedKey(text);
  if (repeated !== null) throw new SafetensorsError(`The header has ${JSON.stringify(repeated)} twice.`);
  return { header: new Map(Object.entries(parsed)), data: bytes.subarray(from) };
}

function metadataOf(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  if (!isRecord(value) || !Object.values(value).every((text) => typeof text === 'string')) {
    throw new SafetensorsError('__metadata__ is not an object of strings.');
  }
  return value as Record<string, string>;
}

function entryOf(name: string, entry: unknown): { shape: number[]; begin: number; end: number } {
  const wrong = (what: string) => new SafetensorsError(`Tensor ${JSON.stringify(name)} ${what}.`);
  if (!isRecord(entry)) throw wrong('is not described by an object');
  const { dtype, shape, data_offsets: offsets } = entry;
  if (Object.keys(entry).length !== 3) throw wrong('is described by other fields than dtype, shape and data_offsets');
  if (dtype !== 'F32') throw wrong(`is of type ${JSON.stringify(dtype)}; expected "F32"`);
  if (!isListOfCounts(shape)) throw wrong('has a shape that is not a list of non-negative integers');
  if (!isListOfCounts(offsets) || offsets.length !== 2) throw wrong('has data_offsets that are not two integers');
  const [begin, end] = offsets;
  if (end - begin !== 4 * elementsOf(shape)) {
    throw wrong(`has ${end - begin} bytes; its shape [${shape}] takes ${4 * elementsOf(shape)}`);
  }
  return { shape, begin, end };
}

interface Extent {
  readonly begin: number;
  readonly end: number;
}

/** An empty tensor stands before the one that begins where it does. */
function inOrderOfBytes(a: Extent, b: Extent): number {
  return a.begin - b.begin || a.end - b.end;
}

function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

function isListOfCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

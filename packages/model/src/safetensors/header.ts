/**
 * The header of a safetensors file: a JSON object of the tensors by name, each with its type, shape and bytes. Read strictly:
 * whatever is not exactly covered by the header is refused, so that two readers never see two different files.
 */
import { bytesOfType, type SafetensorsType } from './dtype.ts';
import { SafetensorsError } from './error.ts';
import { repeatedKey } from './repeated-key.ts';

export interface TensorEntry {
  readonly name: string;
  readonly type: SafetensorsType;
  /** Non-negative integers; an empty shape is a scalar. */
  readonly shape: readonly number[];
  /** Bytes of the data part, from `begin` up to and without `end`. */
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  /** In the order of their bytes. */
  readonly entries: readonly TensorEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

export const metadataKey = '__metadata__';
export const lengthBytes = 8;

/** @throws SafetensorsError where the length is above `maximum` or past the file's end */
export function headerLength(first: Uint8Array, fileSize: number, maximum: number): number {
  if (first.length < lengthBytes) throw new SafetensorsError('The file is shorter than its 8-byte header length.');
  const length = new DataView(first.buffer, first.byteOffset, lengthBytes).getBigUint64(0, true);
  if (length > BigInt(maximum)) {
    throw new SafetensorsError(`The header claims ${length} bytes; at most ${maximum} are read.`);
  }
  if (lengthBytes + Number(length) > fileSize) throw new SafetensorsError('The header is longer than the file.');
  return Number(length);
}

/**
 * @param dataBytes length of the file without header and header length
 * @throws SafetensorsError that says what is wrong; holes, overlaps and trailing bytes are
 */
export function parseHeader(bytes: Uint8Array, dataBytes: number): SafetensorsHeader {
  const header = new Map(Object.entries(jsonObject(bytes)));
  const metadata = metadataOf(header.get(metadataKey));
  header.delete(metadataKey);
  const entries = [...header].map(([name, entry]) => entryOf(name, entry)).sort(inOrderOfBytes);
  let at = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== at) {
      throw new SafetensorsError(
        `Tensor ${JSON.stringify(name)} begins at byte ${begin}; expected ${at}, without hole or overlap.`,
      );
    }
    if (end > dataBytes) {
      throw new SafetensorsError(
        `Tensor ${JSON.stringify(name)} ends at byte ${end} of ${dataBytes}: the file is cut short.`,
      );
    }
    at = end;
  }
  if (at !== dataBytes) throw new SafetensorsError(`${dataBytes - at} bytes after the last tensor belong to none.`);
  return { entries, metadata };
}

function jsonObject(bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  let parsed: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    parsed = JSON.parse(text);
  } catch {
    throw new SafetensorsError('The header is not JSON in UTF-8.');
  }
  if (!text.startsWith('{') || !isRecord(parsed)) throw new SafetensorsError('The header is not a JSON object.');
  const repeated = repeatedKey(text);
  if (repeated !== null) throw new SafetensorsError(`The header has ${JSON.stringify(repeated)} twice.`);
  return parsed;
}

function metadataOf(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  if (!isRecord(value) || !Object.values(value).every((text) => typeof text === 'string')) {
    throw new SafetensorsError('__metadata__ is not an object of strings.');
  }
  return value as Record<string, string>;
}

function entryOf(name: string, entry: unknown): TensorEntry {
  const wrong = (what: string) => new SafetensorsError(`Tensor ${JSON.stringify(name)} ${what}.`);
  if (!isRecord(entry)) throw wrong('is not described by an object');
  const { dtype, shape, data_offsets: offsets } = entry;
  if (Object.keys(entry).length !== 3) throw wrong('is described by other fields than dtype, shape and data_offsets');
  if (!isType(dtype)) throw wrong(`is of type ${JSON.stringify(dtype)}, which safetensors does not have`);
  if (!isListOfCounts(shape)) throw wrong('has a shape that is not a list of non-negative integers');
  if (!isListOfCounts(offsets) || offsets.length !== 2) throw wrong('has data_offsets that are not two integers');
  const [begin, end] = offsets;
  const bytes = bytesOfType[dtype] * elementsOf(shape);
  if (end - begin !== bytes) throw wrong(`has ${end - begin} bytes; its shape [${shape}] takes ${bytes}`);
  return { name, type: dtype, shape, begin, end };
}

/** An empty tensor stands before the one that begins where it does. */
function inOrderOfBytes(a: TensorEntry, b: TensorEntry): number {
  return a.begin - b.begin || a.end - b.end;
}

export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

function isType(value: unknown): value is SafetensorsType {
  return typeof value === 'string' && Object.hasOwn(bytesOfType, value);
}

function isListOfCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A safetensors file whose tensors are read one at a time. */
import { floatsOf, isReadable, readableTypes } from './dtype.ts';
import { SafetensorsError } from './error.ts';
import { headerLength, lengthBytes, parseHeader, type SafetensorsHeader } from './header.ts';

/** Bytes that are somewhere: a file, a buffer, a server. */
export interface ByteSource {
  readonly size: number;
  /** Bytes from `from` up to and without `to`; fewer where there are no more. */
  read(from: number, to: number): Promise<Uint8Array>;
}

export interface OpenSafetensors extends SafetensorsHeader {
  /**
   * A tensor's values as float32, [product of shape]; of I8 the plain integers.
   * @throws SafetensorsError where there is no such tensor, its type is not read, or the bytes are cut short
   */
  read(name: string): Promise<Float32Array>;
}

/** Headers of large models with hundreds of shards' names stay far below this. */
const maximumHeaderBytes = 16_777_216;

/** Reads the header and nothing else. @throws SafetensorsError */
export async function openSafetensors(source: ByteSource): Promise<OpenSafetensors> {
  const length = headerLength(
    await readAll(source, 0, Math.min(lengthBytes, source.size)),
    source.size,
    maximumHeaderBytes,
  );
  const start = lengthBytes + length;
  const header = parseHeader(await readAll(source, lengthBytes, start), source.size - start);
  const byName = new Map(header.entries.map((entry) => [entry.name, entry]));
  return {
    ...header,
    read: async (name) => {
      const entry = byName.get(name);
      if (!entry) throw new SafetensorsError(`There is no tensor ${JSON.stringify(name)}.`);
      if (!isReadable(entry.type)) {
        throw new SafetensorsError(
          `Tensor ${JSON.stringify(name)} is of type ${entry.type}; expected ${readableTypes.join(', ')}.`,
        );
      }
      return floatsOf(entry.type, await readAll(source, start + entry.begin, start + entry.end));
    },
  };
}

/** A source of bytes that are in memory. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: async (from, to) => bytes.subarray(from, to) };
}

async function readAll(source: ByteSource, from: number, to: number): Promise<Uint8Array> {
  const bytes = await source.read(from, to);
  if (bytes.length === to - from) return bytes;
  throw new SafetensorsError(`The file ends ${to - from - bytes.length} bytes before byte ${to}: it was cut short.`);
}

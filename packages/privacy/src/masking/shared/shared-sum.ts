/**
 * A section's sum in memory that threads share: one adds packed vectors as they come, many expand keystreams, each into its own slice.
 * Nothing is copied between them. Whoever adds to the same elements at the same time loses additions: that is for the caller to prevent.
 */
import { portableStream } from '../chacha20.ts';
import { type ExtractionKernel, extractionIn, plainExtraction, sumAddress, sumBytes } from '../extraction.ts';
import { checkShape, type SliceShape } from '../layout.ts';
import type { ModularAccumulator } from '../modular-accumulator.ts';
import { nativeStream } from '../native-stream.ts';
import { mostMemoryBytes, type SharedKernel, type SharedMemory, sharedKernelOf } from '../wasm-memory.ts';
import { wordAccumulator } from '../word-accumulator.ts';
import { bytes } from './extraction-shared.wasm.ts';

/** Can be posted to a thread as it is. */
export interface SharedSum extends Omit<SliceShape, 'from'> {
  /** A buffer alone where WebAssembly has no shared memory. */
  readonly memory: SharedMemory | SharedArrayBuffer;
  /** How many accumulators may work at the same time. */
  readonly places: number;
  /** Room for vectors beside the sum, each of so many bytes. */
  readonly vectors?: { readonly count: number; readonly bytes: number };
}

/** What the kernel may read behind a vector. */
const readBehind = 64;
const roomFor = (bytes: number): number => 16 * Math.ceil((bytes + readBehind) / 16);

/** Null until it was tried. */
let kernel: SharedKernel | 'missing' | null = null;

function sharedKernel(): SharedKernel | null {
  kernel ??= sharedKernelOf(bytes) ?? 'missing';
  return kernel === 'missing' ? null : kernel;
}

/** Zeros, with room for as many of the vectors as there is. @throws RangeError for a shape that no stream has, or without memory */
export function createSharedSum(options: Omit<SharedSum, 'memory'>): SharedSum {
  const { length, bits, section, places } = options;
  checkShape({ length, bits, section, from: 0 });
  const alone = sumAddress(places) + sumBytes(length, bits) + readBehind;
  const { count, bytes } = options.vectors ?? { count: 0, bytes: 0 };
  const vectors = {
    count: Math.max(0, Math.min(count, Math.floor((mostMemoryBytes - alone) / roomFor(bytes)))),
    bytes,
  };
  const memory =
    sharedKernel()?.createMemory(alone + vectors.count * roomFor(bytes)) ?? new SharedArrayBuffer(4 * length);
  return { length, bits, section, places, vectors, memory };
}

/** Memory of one of the sum's vectors: what is received there is added without a copy. Null where it has no such memory. */
export function vectorMemory({ memory, length, bits, places, vectors }: SharedSum, index: number): Uint8Array | null {
  if (memory instanceof SharedArrayBuffer || !vectors || index >= vectors.count) return null;
  const first = 16 * Math.ceil((sumAddress(places) + sumBytes(length, bits)) / 16);
  return new Uint8Array(memory.buffer, first + index * roomFor(vectors.bytes), vectors.bytes);
}

/**
 * An accumulator of a slice of the sum; its `reset` zeroes the slice.
 * @param slice `place`: below the sum's `places`, and no other's
 */
export function accumulatorOver(
  { memory, bits, section, places }: SharedSum,
  slice: { readonly from: number; readonly length: number; readonly place: number },
): ModularAccumulator {
  const { from, length, place } = slice;
  const shape: SliceShape = { length, bits, section, from };
  checkShape(shape);
  return wordAccumulator(
    shape,
    nativeStream ? 'native' : 'portable',
    nativeStream ?? portableStream,
    memory instanceof SharedArrayBuffer
      ? plainExtraction(length, bits, new Uint32Array(memory, 4 * from, length))
      : extractionIn(memory.buffer, sharedKernel()?.instantiate(memory) as ExtractionKernel, {
          length,
          bits,
          sumAt: sumAddress(places) + 4 * from,
          chunk: place,
        }),
  );
}

/** Elements cut from a chunk of keystream, in the order of its bytes, and added to a sum in the order of the elements. */
import { bytes } from './extraction.wasm.ts';
import { elementsPerBlock, maskOf } from './layout.ts';
import { unpackValues } from './packing.ts';
import { kernelOf } from './wasm-memory.ts';

/** Blocks of 64 bytes in one chunk of keystream: 32 KB. */
export const chunkBlocks = 512;
const chunkWords = 16 * chunkBlocks;

export interface Extraction {
  /** Element e of the slice at e, times 2^position, modulo 2^32: modulo 2^bits or more. */
  readonly sum: Uint32Array;
  /** 0..32 - bits */
  readonly position: number;
  /** Room for `chunkBlocks` blocks of keystream, which the caller fills and wipes. */
  readonly chunk: Uint32Array;
  /** Adds or subtracts the chunk's first `count` elements at element `at`, which begins a block. */
  add(at: number, count: number, sign: 1 | -1): void;
  /** Adds the whole of the slice, densely packed, in bytes that were checked. */
  addPacked(bytes: Uint8Array): void;
}

/** Shared: it is wiped after every use. */
const plainChunk = new Uint32Array(chunkWords);

/** @param sum zeros, or what is to be added to */
export function plainExtraction(length: number, bits: number, sum: Uint32Array = new Uint32Array(length)): Extraction {
  return {
    sum,
    position: 0,
    chunk: plainChunk,
    add: (at, count, sign) => addElements(sum, at, count, plainChunk, bits, sign),
    addPacked(bytes) {
      const values = unpackValues(bytes, length, bits);
      for (let i = 0; i < length; i++) sum[i] += values[i];
    },
  };
}

function addElements(
  sum: Uint32Array,
  at: number,
  count: number,
  words: Uint32Array,
  bits: number,
  sign: 1 | -1,
): void {
  const mask = maskOf(bits);
  const perBlock = elementsPerBlock(bits);
  const end = at + count;
  for (let block = 0; at < end; block += 16) {
    const last = Math.min(end, at + perBlock);
    for (let offset = 0; at < last; at++, offset += bits) {
      const word = block + (offset >> 5);
      const shift = offset & 31;
      let value = words[word] >>> shift;
      if (shift + bits > 32) value |= words[word + 1] << (32 - shift);
      sum[at] += sign * ((value & mask) >>> 0);
    }
  }
}

/** Addresses are of bytes; see assembly/extraction.ts. */
export interface ExtractionKernel {
  addStream(sum: number, stream: number, blocks: number, bits: number, subtract: 0 | 1): void;
  addDense(sum: number, packed: number, eights: number, bits: number): void;
}

const instantiate = kernelOf(bytes);
/** The kernel's patterns are below. */
const chunkAt = 128;
/** A chunk, and what the kernel may read behind it. */
const chunkBytes = 4 * chunkWords + 64;

/** Wider elements are summed at the bottom of their words. */
const widestAtTop = 25;

/** Where a sum lies in a kernel's memory that has room for so many chunks below it. */
export function sumAddress(chunks: number): number {
  return chunkAt + chunks * chunkBytes;
}

/** Bytes of a sum: whole blocks, for what is added behind the last element is never read. */
export function sumBytes(length: number, bits: number): number {
  const perBlock = elementsPerBlock(bits);
  return 4 * perBlock * Math.ceil(length / perBlock);
}

/** The sum lies in the kernel's memory. Null where SIMD is missing. @throws RangeError without memory */
export function simdExtraction(length: number, bits: number): Extraction | null {
  const sumAt = sumAddress(1);
  const kernel = instantiate(sumAt + sumBytes(length, bits));
  return kernel && extractionIn(kernel.buffer, kernel.exports as ExtractionKernel, { length, bits, sumAt, chunk: 0 });
}

/**
 * An extraction into a sum in a kernel's memory.
 * @param slice `sumAt`: address of its first element; `chunk`: which of the memory's chunks it uses
 */
export function extractionIn(
  buffer: ArrayBufferLike,
  { addStream, addDense }: ExtractionKernel,
  slice: { readonly length: number; readonly bits: number; readonly sumAt: number; readonly chunk: number },
): Extraction {
  const { length, bits, sumAt } = slice;
  const perBlock = elementsPerBlock(bits);
  const at = chunkAt + slice.chunk * chunkBytes;
  const staged = new Uint8Array(buffer, at, 4 * chunkWords);
  const sum = new Uint32Array(buffer, sumAt, length);
  const position = bits <= widestAtTop ? 32 - bits : 0;
  // Eight elements are whole bytes.
  const eights = Math.floor(length / 8);
  const eightsAtOnce = Math.floor(staged.length / bits);
  return {
    sum,
    position,
    chunk: new Uint32Array(buffer, at, chunkWords),
    add: (first, count, sign) =>
      addStream(sumAt + 4 * first, at, Math.ceil(count / perBlock), bits, sign === 1 ? 0 : 1),
    addPacked(packed) {
      // What lies in this memory, with room behind it, is added where it is.
      if (packed.buffer === buffer) addDense(sumAt, packed.byteOffset, eights, bits);
      else addStaged(packed);
      const rest = length - 8 * eights;
      const last = unpackValues(packed.subarray(bits * eights), rest, bits);
      for (let i = 0; i < rest; i++) sum[8 * eights + i] += last[i] << position;
    },
  };

  function addStaged(packed: Uint8Array): void {
    for (let eight = 0; eight < eights; eight += eightsAtOnce) {
      const count = Math.min(eightsAtOnce, eights - eight);
      staged.set(packed.subarray(bits * eight, bits * (eight + count)));
      addDense(sumAt + 32 * eight, at, count, bits);
    }
  }
}

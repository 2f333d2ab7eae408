/** Elements cut from a chunk of keystream, in the order of its bytes, and added to a sum in the order of the elements. */
import { bytes } from './extraction.wasm.ts';
import { elementsPerBlock, maskOf } from './layout.ts';
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
}

/** Shared: it is wiped after every use. */
const plainChunk = new Uint32Array(chunkWords);

export function plainExtraction(length: number, bits: number): Extraction {
  const sum = new Uint32Array(length);
  return {
    sum,
    position: 0,
    chunk: plainChunk,
    add: (at, count, sign) => addElements(sum, at, count, plainChunk, bits, sign),
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
interface ExtractionKernel {
  addStream(sum: number, stream: number, blocks: number, bits: number, subtract: 0 | 1): void;
}

const instantiate = kernelOf(bytes);
/** The kernel's patterns are below. */
const chunkAt = 128;
/** What the kernel may read behind a chunk. */
const readBehind = 64;

/** Wider elements are summed at the bottom of their words. */
const widestAtTop = 25;

/** The sum lies in the kernel's memory. Null where SIMD is missing. @throws RangeError without memory */
export function simdExtraction(length: number, bits: number): Extraction | null {
  const perBlock = elementsPerBlock(bits);
  const sumAt = chunkAt + 4 * chunkWords + readBehind;
  // Whole blocks: what is added behind the last element is never read.
  const kernel = instantiate(sumAt + 4 * perBlock * Math.ceil(length / perBlock));
  if (!kernel) return null;
  const { addStream } = kernel.exports as ExtractionKernel;
  return {
    sum: new Uint32Array(kernel.buffer, sumAt, length),
    position: bits <= widestAtTop ? 32 - bits : 0,
    chunk: new Uint32Array(kernel.buffer, chunkAt, chunkWords),
    add: (at, count, sign) => addStream(sumAt + 4 * at, chunkAt, Math.ceil(count / perBlock), bits, sign === 1 ? 0 : 1),
  };
}

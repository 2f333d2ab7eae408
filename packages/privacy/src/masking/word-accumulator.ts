/** A sum in the order of the elements, over a stream of words that is made in chunks and never held whole. */
import type { WordStream } from './chacha20.ts';
import { checkSeed, checkValues, elementsPerBlock, maskOf, type SliceShape } from './layout.ts';
import type { Masking, ModularAccumulator } from './modular-accumulator.ts';
import { packValues, unpackValues } from './packing.ts';

/** Blocks of 64 bytes in one chunk of keystream. */
const chunkBlocks = 1024;
/** Shared: it is wiped after every use. */
const chunk = new Uint32Array(16 * chunkBlocks);

export function wordAccumulator(
  shape: SliceShape,
  masking: Masking,
  streamOf: (seed: Uint8Array, section: number) => WordStream,
): ModularAccumulator {
  const { length, bits, section, from } = shape;
  // Sums modulo 2^32, of which 2^bits is a divisor.
  const sum = new Uint32Array(length);
  const mask = maskOf(bits);
  const perBlock = elementsPerBlock(bits);
  const values = () => sum.map((value) => value & mask);
  return {
    ...shape,
    masking,
    addPacked(bytes) {
      const added = unpackValues(bytes, length, bits);
      for (let i = 0; i < length; i++) sum[i] += added[i];
    },
    addValues(added) {
      checkValues(added, length);
      for (let i = 0; i < length; i++) sum[i] += added[i];
    },
    addMask(seed, sign) {
      checkSeed(seed);
      const stream = streamOf(seed, section);
      const first = from / perBlock;
      for (let done = 0, counter = first; done < length; done += chunkBlocks * perBlock, counter += chunkBlocks) {
        const count = Math.min(length - done, chunkBlocks * perBlock);
        const words = chunk.subarray(0, 16 * Math.ceil(count / perBlock));
        stream.fill(words, counter);
        addElements(sum, done, count, words, bits, sign);
        words.fill(0);
      }
    },
    values,
    packed: () => packValues(values(), bits),
    reset: () => void sum.fill(0),
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

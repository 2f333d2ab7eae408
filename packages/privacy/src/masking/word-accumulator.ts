/** A sum in the order of the elements, over a stream of words that is made in chunks and never held whole. */
import type { WordStream } from './chacha20.ts';
import { chunkBlocks, type Extraction } from './extraction.ts';
import {
  checkPacked,
  checkSeed,
  checkSeeds,
  checkValues,
  elementsPerBlock,
  maskOf,
  type SliceShape,
} from './layout.ts';
import type { Masking, ModularAccumulator } from './modular-accumulator.ts';
import { packValues } from './packing.ts';

/** Elements from which on a sum no longer stays in the caches between two streams. */
const largeSum = 2 ** 21;
const streamsTogether = 16;

/**
 * @param streamOf the stream of a seed, of which no block from `end` on is asked for
 * @param extraction of the shape's length and bits, its sum zero
 */
export function wordAccumulator(
  shape: SliceShape,
  masking: Masking,
  streamOf: (seed: Uint8Array, section: number, end: number) => WordStream,
  { sum, position, chunk, add, addPacked }: Extraction,
): ModularAccumulator {
  const { length, bits, section, from } = shape;
  const mask = maskOf(bits);
  const perBlock = elementsPerBlock(bits);
  const values = () => {
    const out = new Uint32Array(length);
    for (let i = 0; i < length; i++) out[i] = (sum[i] >>> position) & mask;
    return out;
  };
  const addValues = (added: Uint32Array) => {
    for (let i = 0; i < length; i++) sum[i] += added[i] << position;
  };
  const first = from / perBlock;
  const together = length > largeSum ? streamsTogether : 1;
  const openStream = (seed: Uint8Array, sign: 1 | -1) => ({
    stream: streamOf(seed, section, first + Math.ceil(length / perBlock)),
    sign,
  });

  function addStreams(streams: readonly ReturnType<typeof openStream>[]): void {
    for (let done = 0, counter = first; done < length; done += chunkBlocks * perBlock, counter += chunkBlocks) {
      const count = Math.min(length - done, chunkBlocks * perBlock);
      const words = chunk.subarray(0, 16 * Math.ceil(count / perBlock));
      for (const { stream, sign } of streams) {
        stream.fill(words, counter);
        add(done, count, sign);
      }
    }
    chunk.subarray(0, 16 * Math.ceil(length / perBlock)).fill(0);
  }

  return {
    ...shape,
    masking,
    addPacked(bytes) {
      checkPacked(bytes, length, bits);
      addPacked(bytes);
    },
    addValues(added) {
      checkValues(added, length);
      addValues(added);
    },
    addMask(seed, sign) {
      checkSeed(seed);
      addStreams([openStream(seed, sign)]);
    },
    addMasks(seeds, signs) {
      checkSeeds(seeds, signs.length);
      for (let at = 0; at < signs.length; at += together) {
        const streams = Array.from(signs.subarray(at, at + together), (sign, i) =>
          openStream(seeds.subarray(32 * (at + i), 32 * (at + i + 1)), sign < 0 ? -1 : 1),
        );
        addStreams(streams);
      }
    },
    values,
    packed: () => packValues(values(), bits),
    reset: () => void sum.fill(0),
  };
}

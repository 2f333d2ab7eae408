/** Seeded randomness for training, sampling and generated data. Reproducible, fast, and not for security. */
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { TrainingRandom } from '../recommender/recommender.ts';

export interface SeededRandom extends TrainingRandom {
  /** A draw from the standard normal distribution. */
  gaussian(): number;
}

/** Finaliser of MurmurHash3 (Appleby): every input bit flips every output bit with probability near 1/2. */
function mix(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}

/** Four words of state out of both halves of the seed and of the stream, as SplitMix: a counter with an odd step, mixed. */
function expandSeed(seed: number, stream: number): [number, number, number, number] {
  const words = [seed, Math.floor(seed / 2 ** 32), stream, Math.floor(stream / 2 ** 32)];
  let key = 0x2545f491;
  for (const word of words) key = mix(key ^ word) + 0x9e3779b9;
  const at = (index: number) => mix(key + Math.imul(index, 0x9e3779b9));
  // The all-zero state is the one that the generator never leaves; setting one bit keeps clear of it.
  return [at(1), at(2), at(3), at(4) | 1];
}

/**
 * Random numbers from a seed by xoroshiro128+ (Blackman and Vigna 2018; pure-rand). The same seed and stream give the same
 * draws; different streams of one seed (one per user, say) are independent for all practical purposes.
 *
 * The distributions are our own rather than the library's: they allocate nothing, and take the upper bits, since the lowest
 * bits of this generator are weak.
 *
 * @param seed a safe integer, at least 0
 * @param stream a safe integer, at least 0
 * @throws RangeError for anything else
 */
export function seededRandom(seed: number, stream = 0): SeededRandom {
  for (const [name, value] of [
    ['seed', seed],
    ['stream', stream],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`${name} is ${value}; give a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`);
    }
  }
  const generator = xoroshiro128plusFromState(expandSeed(seed, stream));
  let spare = Number.NaN;

  function next(): number {
    const high = generator.next() >>> 5;
    const low = generator.next() >>> 6;
    return (high * 2 ** 26 + low) * 2 ** -53;
  }

  /** Multiply and reject (Lemire 2019, algorithm 5): exactly uniform, a division only in one of 2^32 / bound draws. */
  function below(bound: number): number {
    if (!(bound >= 1 && bound <= 2 ** 31 && Number.isInteger(bound))) {
      throw new RangeError(`bound is ${bound}; give a whole number from 1 to 2^31`);
    }
    for (;;) {
      const word = generator.next();
      const low = Math.imul(word, bound) >>> 0;
      // Rounded to the nearest, as the product has up to 63 bits: the upper word comes out exactly all the same.
      if (low >= bound || low >= 2 ** 32 % bound) return (((word >>> 0) * bound - low) * 2 ** -32 + 0.5) | 0;
    }
  }

  /** Marsaglia's polar method: two draws for the price of one logarithm. */
  function gaussian(): number {
    if (!Number.isNaN(spare)) {
      const value = spare;
      spare = Number.NaN;
      return value;
    }
    for (;;) {
      const x = 2 * next() - 1;
      const y = 2 * next() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      spare = y * factor;
      return x * factor;
    }
  }

  return { next, below, gaussian };
}

/** Shuffles in place, every order equally likely (Fisher and Yates), and returns the same array. */
export function shuffle<T extends Uint32Array | Int32Array | Float32Array | unknown[]>(
  values: T,
  random: TrainingRandom,
): T {
  for (let last = values.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    const value = values[last];
    values[last] = values[other];
    values[other] = value;
  }
  return values;
}

/**
 * Gaussian noise from a CSPRNG, by Marsaglia's polar method (Marsaglia and Bray 1964) in float64. The noisy sum is rounded to
 * float32: the guarantee is that of the real-valued mechanism, and an attack on low-order bits (Mironov, CCS 2012) is not covered.
 */
import { bulkRandom } from '../random/keystream.ts';
import type { SecureRandom } from '../random/secure-random.ts';

const pairsPerChunk = 4096;
const wordsPerPair = 4;

/**
 * Adds independent N(0, standardDeviation^2) to vector[from .. to). Fresh randomness is drawn from `random` for every call. How
 * long it takes depends on the noise alone, never on the vector.
 * @throws RangeError on a standard deviation that is negative or not finite.
 */
export function addGaussianNoise(
  vector: Float32Array,
  standardDeviation: number,
  random: SecureRandom,
  from = 0,
  to = vector.length,
): void {
  if (!Number.isFinite(standardDeviation) || standardDeviation < 0) {
    throw new RangeError(`A standard deviation is finite and not negative; got ${standardDeviation}.`);
  }
  if (standardDeviation === 0) return;
  const stream = bulkRandom(random);
  for (let at = from; at < to; ) at = addChunk(vector, standardDeviation, stream.bytes(pairsPerChunk * 16), at, to);
}

/** Spends one chunk of random bytes; returns the first coordinate without noise. */
function addChunk(
  vector: Float32Array,
  standardDeviation: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): number {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  let at = from;
  for (let w = 0; w < words.length && at < to; w += wordsPerPair) {
    // A point of the square (-1, 1)^2 on a grid of 2^-52, kept where it lies in the unit disc.
    const x = uniform53(words[w], words[w + 1]) * 2 ** -52 - 1;
    const y = uniform53(words[w + 2], words[w + 3]) * 2 ** -52 - 1;
    const square = x * x + y * y;
    if (square >= 1 || square === 0) continue;
    const scale = standardDeviation * Math.sqrt((-2 * Math.log(square)) / square);
    vector[at++] += scale * x;
    if (at < to) vector[at++] += scale * y;
  }
  bytes.fill(0);
  return at;
}

/** An integer in [0, 2^53) from two words: 27 bits of one, 26 of the other. */
function uniform53(one: number, other: number): number {
  return (other >>> 5) * 67_108_864 + (one >>> 6);
}

/** Gaussian noise from a CSPRNG, by the Box-Muller transform in float64. */
import { bulkRandom } from '../random/keystream.ts';
import type { SecureRandom } from '../random/secure-random.ts';

const pairsPerChunk = 4096;

/**
 * Adds independent N(0, standardDeviation^2) to vector[from .. to). Fresh randomness is drawn from `random` for every call.
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
  for (let at = from; at < to; at += 2 * pairsPerChunk) {
    const pairs = Math.min(pairsPerChunk, Math.ceil((to - at) / 2));
    const bytes = stream.bytes(pairs * 16);
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, pairs * 4);
    for (let p = 0; p < pairs; p++) {
      // 53-bit uniforms: the first in (0, 1], so that its logarithm is finite, the second in [0, 1).
      const first = (uniform53(words[4 * p], words[4 * p + 1]) + 1) * 2 ** -53;
      const second = uniform53(words[4 * p + 2], words[4 * p + 3]) * 2 ** -53;
      const radius = standardDeviation * Math.sqrt(-2 * Math.log(first));
      const angle = 2 * Math.PI * second;
      const i = at + 2 * p;
      vector[i] += radius * Math.cos(angle);
      if (i + 1 < to) vector[i + 1] += radius * Math.sin(angle);
    }
  }
}

/** An integer in [0, 2^53) from two words. */
function uniform53(low: number, high: number): number {
  return (high >>> 5) * 67_108_864 + (low >>> 6);
}

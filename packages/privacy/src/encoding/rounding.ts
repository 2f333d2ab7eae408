/** Unbiased stochastic rounding to the grid, PRIVACY section 4, step 3. */
import { bulkRandom, type SecureRandom } from '../random/index.ts';

/** Coordinates rounded at a time: one chunk of the keystream, so that randomness never takes the room of a vector. */
const chunk = 32_768;
/** Below this a keystream of its own would cost more than it gives. */
const smallLength = 2048;

/** Where the coordinates lie on the grid. */
export interface Grid {
  /** Steps per unit of x. */
  readonly scale: number;
  /** Products are clamped to [-largest, largest], in steps; at most 2^48. */
  readonly largest: number;
  /** Width of an output, 8 to 32 bits. */
  readonly bits: number;
}

/**
 * v = scale x, each coordinate to floor(v) + Bernoulli(v - floor(v)), reduced mod 2^bits into `out`.
 *
 * A coordinate takes 16 random bits; where these tie with the fraction's (once in 65,536), 32 more decide. The Bernoulli is thus
 * of the fraction rounded to 48 bits: a bias of at most 2^-49 steps a coordinate, on either side, where the products are exact.
 * @param x finite coordinates, as many as `out` has
 * @returns the squared L2 norm of the rounded vector, in steps: exact below 2^53, else to a relative error below 2^-37
 */
export function roundStochastically(x: Float32Array, out: Uint32Array, grid: Grid, random: SecureRandom): number {
  const source = x.length > smallLength ? bulkRandom(random) : random;
  const words = new Uint16Array(Math.min(chunk, x.length));
  const bytes = new Uint8Array(words.buffer);
  let squares = 0;
  for (let from = 0; from < x.length; from += chunk) {
    const count = Math.min(chunk, x.length - from);
    bytes.set(source.bytes(2 * count));
    // Summed chunk by chunk, so that the error does not grow with the length.
    squares += roundChunk(x, out, from, count, grid, words, source);
  }
  return squares;
}

function roundChunk(
  x: Float32Array,
  out: Uint32Array,
  from: number,
  count: number,
  { scale, largest, bits }: Grid,
  words: Uint16Array,
  source: SecureRandom,
): number {
  const mask = bits === 32 ? -1 : (1 << bits) - 1;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    const value = Math.min(Math.max(x[from + i] * scale, -largest), largest);
    const below = Math.floor(value);
    const threshold = (value - below) * 65_536;
    const whole = threshold | 0;
    const word = words[i];
    const up = word === whole ? tieBreak(threshold - whole, source) : (word - whole) >>> 31;
    const rounded = below + up;
    squares += rounded * rounded;
    out[from + i] = rounded & mask;
  }
  return squares;
}

/** 1 with probability `fraction`, to 32 bits. */
function tieBreak(fraction: number, source: SecureRandom): 0 | 1 {
  const bytes = source.bytes(4);
  const word = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  return word + 0.5 < fraction * 2 ** 32 ? 1 : 0;
}

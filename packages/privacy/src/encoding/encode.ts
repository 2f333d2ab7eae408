/** One section of a contribution, between float32 and integers mod 2^b that add up (PRIVACY section 4). */
import { ClippingError, clipFactor, clipInPlace, l2Norm } from '../dp/clipping.ts';
import type { SecureRandom } from '../random/index.ts';
import { rotateInPlace, unrotateInPlace } from './rotation.ts';
import { roundStochastically } from './rounding.ts';
import { checkEncoding, EncodingError, gridLimit, type SectionEncoding } from './section.ts';
import { squaredNormLimit } from './sensitivity.ts';

/**
 * A rounding is accepted with probability at least 1 - e^-1/2 = 0.39 (KLS21). In fact nearly always where s C <= sqrt(d); else, of
 * many coordinates, at least Phi(1) = 0.84 by the normal approximation (all fractions 1/2; 0.89 where they are uniform), and of
 * a single one at least a half. So 100 refusals mean a fault.
 */
const mostTries = 100;

/**
 * Encodes a device's section: clip, rotate, clip again, round at random to the grid until the norm is within
 * `roundedSensitivity`, reduce. A plain section is clamped and rounded.
 *
 * The time depends on the vector through the number of roundings (1 to 1.2 in the mean, 2 at most where d is 1) and the ties between random words and
 * fractions (one in 65,536).
 * @param x d coordinates, consumed: its values are undefined afterwards
 * @param roundHash 32 bytes, which choose the rotation
 * @param random a CSPRNG; 2 bytes are used per coordinate and try, of a ChaCha20 stream seeded from it where d > 2,048
 * @returns d integers in [0, 2^bits)
 * @throws EncodingError on NaN or infinity, a vector of another length, an encoding out of range, or 100 refused roundings
 */
export function encodeSection(
  x: Float32Array,
  encoding: SectionEncoding,
  roundHash: Uint8Array,
  random: SecureRandom,
): Uint32Array {
  checkEncoding(encoding, x.length);
  return encoding.kind === 'plain' ? encodePlain(x, encoding, random) : encodeRotated(x, encoding, roundHash, random);
}

function encodePlain(x: Float32Array, encoding: SectionEncoding, random: SecureRandom): Uint32Array {
  if (!x.every(Number.isFinite)) throw notFinite(encoding);
  const { scale, bound, bits } = encoding;
  const out = new Uint32Array(x.length);
  // Where bound s is an integer but for float64's rounding, that integer is the end of the range.
  roundStochastically(x, out, { scale, largest: Math.min(bound * scale, gridLimit(encoding)), bits }, random);
  return out;
}

function encodeRotated(
  x: Float32Array,
  encoding: SectionEncoding,
  roundHash: Uint8Array,
  random: SecureRandom,
): Uint32Array {
  const { section, scale, bound, bits } = encoding;
  try {
    clipInPlace(x, bound);
  } catch (error) {
    throw error instanceof ClippingError ? notFinite(encoding) : error;
  }
  rotateInPlace(x, roundHash, section);
  // The second clip, for what float32 added in the rotation, is part of the scale: exact, and no pass over memory.
  const clippedScale = scale * clipFactor(l2Norm(x), bound);
  const limit = squaredNormLimit(encoding);
  const out = new Uint32Array(x.length);
  for (let tries = 0; tries < mostTries; tries++) {
    const squares = roundStochastically(x, out, { scale: clippedScale, largest: bound * scale, bits }, random);
    if (squares <= limit) return out;
  }
  throw new EncodingError(
    `Section ${section}: none of ${mostTries} roundings kept the norm; the random source is suspect.`,
  );
}

function notFinite({ section }: SectionEncoding): EncodingError {
  return new EncodingError(`Section ${section} of the vector holds NaN or infinity; it cannot be encoded.`);
}

/** What a sum decodes to. */
export interface DecodedSum {
  /** d coordinates of the sum, in units of x. */
  readonly values: Float32Array;
  /** Largest |lifted integer| over 2^(b-1), in [0, 1]: how near the sum came to wrapping; near 1 it may have wrapped. */
  readonly fill: number;
}

/**
 * Decodes a sum of encoded vectors: lift to [-2^(b-1), 2^(b-1)), add the coordinator's noise, divide by s, unrotate.
 * @param sum d integers; only the low `bits` count, so a sum taken mod 2^32 does as well
 * @param noise d integers, which do not wrap; none unless given
 * @throws EncodingError on a sum or noise of another length, or an encoding out of range
 */
export function decodeSum(
  sum: Uint32Array,
  encoding: SectionEncoding,
  roundHash: Uint8Array,
  noise?: Int32Array,
): DecodedSum {
  checkEncoding(encoding, sum.length);
  if (noise) checkEncoding(encoding, noise.length);
  const { section, bits, scale, kind } = encoding;
  const spare = 32 - bits;
  const values = new Float32Array(sum.length);
  let highest = 0;
  let lowest = 0;
  for (let i = 0; i < sum.length; i++) {
    const lifted = (sum[i] << spare) >> spare;
    // What is said of the largest is said with its noise.
    const noisy = noise ? lifted + noise[i] : lifted;
    highest = Math.max(highest, noisy);
    lowest = Math.min(lowest, noisy);
    values[i] = noisy / scale;
  }
  if (kind === 'rotated') unrotateInPlace(values, roundHash, section);
  return { values, fill: Math.min(1, Math.max(highest, -lowest) / 2 ** (bits - 1)) };
}

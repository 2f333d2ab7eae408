/** The choice of width and scale: as fine a grid as the sum of the largest cohort leaves room for. */
import { windowSize } from './rotation.ts';
import { checkSize, EncodingError, type SectionEncoding } from './section.ts';

/** What is to be summed, apart from the width. */
export interface SumOptions extends Pick<SectionEncoding, 'length' | 'bound' | 'kind'> {
  /** Largest number of vectors in one sum, at least 1. */
  readonly maximumSummed: number;
  /** Largest P[any coordinate of the sum wraps], in (0, 1); 2^-20 unless given. Without noise a plain section never wraps. */
  readonly wrapProbability?: number;
  /** Standard deviation of all noise in the sum together, in units of x; 0 unless given. */
  readonly noiseStandardDeviation?: number;
  /** Measured bound of ||sum|| / (n C), in (0, 1]; 1, all vectors aligned, unless given. Rotated sections only. */
  readonly alignment?: number;
}

/**
 * The finest scale s at which a sum fits b bits.
 *
 * Rotated (PRIVACY section 4, "Choosing s"): a coordinate of the sum is sub-Gaussian with variance at most
 * V = (alignment n C)²/2^p + n/(4 s²) + sigma², over the rotation, the rounding and the noise, so
 * s = sqrt(((2^b / 2K)² - n/4) / ((alignment n C)²/2^p + sigma²)) with K = sqrt(2 ln(2d / wrapProbability)).
 * A wrapped sum is a loss of accuracy, never of privacy.
 *
 * Plain: bound s is the largest integer m whose sum fits, n m + K sigma s <= 2^(b-1) - 1. As m is a point of the grid, rounding
 * never passes it, and without noise no sum ever wraps.
 * @throws EncodingError on an option out of range, or a width that is too small, with the least that would do
 */
export function scaleFor(options: SumOptions & { readonly bits: number }): number {
  checkOptions(options, options.bits);
  const scale = scaleAt(options, options.bits);
  if (scale === null) {
    const least = leastWidth(options);
    throw new EncodingError(
      `${options.bits} bits are too few to sum ${options.maximumSummed} vectors of ${options.length} coordinates; ${
        least === null ? 'even 32 are: sum fewer' : `take at least ${least}`
      }.`,
    );
  }
  return scale;
}

/**
 * The least width, 8 to 32 bits, at which `scaleFor` gives a scale of at least `leastScale` (any scale, unless given: a coarse
 * grid, on which rounding may outweigh the vectors).
 * @throws EncodingError on an option out of range, or where 32 bits are too few
 */
export function leastBits(options: SumOptions & { readonly leastScale?: number }): number {
  checkOptions(options, 32);
  const { leastScale = 0 } = options;
  if (!(leastScale >= 0)) throw new EncodingError(`A least scale is not negative; got ${leastScale}.`);
  const least = leastWidth(options, leastScale);
  if (least === null) {
    throw new EncodingError(
      `32 bits are too few to sum ${options.maximumSummed} vectors of ${options.length} coordinates at a scale of ${leastScale}.`,
    );
  }
  return least;
}

function leastWidth(options: SumOptions, leastScale = 0): number | null {
  for (let bits = 8; bits <= 32; bits++) {
    const scale = scaleAt(options, bits);
    if (scale !== null && scale >= leastScale) return bits;
  }
  return null;
}

/** The finest scale at this width; null where there is none. */
function scaleAt(options: SumOptions, bits: number): number | null {
  const { length, bound, kind, maximumSummed } = options;
  const { wrapProbability = 2 ** -20, noiseStandardDeviation = 0, alignment = 1 } = options;
  const deviations = Math.sqrt(2 * Math.log((2 * length) / wrapProbability));
  if (kind === 'plain') {
    const perStep = maximumSummed + (deviations * noiseStandardDeviation) / bound;
    const most = Math.floor((2 ** (bits - 1) - 1) / perStep);
    return most >= 1 ? most / bound : null;
  }
  const room = (2 ** bits / (2 * deviations)) ** 2 - maximumSummed / 4;
  const largest = alignment * maximumSummed * bound;
  const perUnit = (largest * largest) / windowSize(length) + noiseStandardDeviation ** 2;
  return room > 0 ? Math.sqrt(room / perUnit) : null;
}

function checkOptions(options: SumOptions, bits: number): void {
  checkSize({ bits, length: options.length, bound: options.bound });
  const { maximumSummed, wrapProbability = 2 ** -20, noiseStandardDeviation = 0, alignment = 1 } = options;
  if (!Number.isInteger(maximumSummed) || maximumSummed < 1) {
    throw new EncodingError(`A sum has at least one vector; got ${maximumSummed}.`);
  }
  if (!(wrapProbability > 0 && wrapProbability < 1)) {
    throw new EncodingError(`A probability of wrapping is in (0, 1); got ${wrapProbability}.`);
  }
  if (!(noiseStandardDeviation >= 0 && noiseStandardDeviation < Number.POSITIVE_INFINITY)) {
    throw new EncodingError(`A standard deviation is finite and not negative; got ${noiseStandardDeviation}.`);
  }
  if (!(alignment > 0 && alignment <= 1)) throw new EncodingError(`An alignment is in (0, 1]; got ${alignment}.`);
}

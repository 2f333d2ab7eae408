/** What both ends of a round must agree on to encode one section of the masked vector, and where they may not. */

/** How one section of the vector is encoded. Public: it stands in the round's descriptor. */
export interface SectionEncoding {
  /** Index of the section in the vector, in [0, 2^32): separates the signs of rotations. */
  readonly section: number;
  /** Number of coordinates d, at least 1. */
  readonly length: number;
  /** Width b of a coordinate on the wire, 8 to 32: sums are taken mod 2^b. */
  readonly bits: number;
  /** Steps s of the grid per unit of x: the granularity is 1/s. */
  readonly scale: number;
  /** Rotated: the L2 clip norm C of one device. Plain: the largest absolute value of a coordinate. */
  readonly bound: number;
  /**
   * `rotated`: clipped in L2, rotated, rounded under a bound of the norm: for updates.
   * `plain`: coordinates clamped to [-bound, bound] and rounded, whose sum never wraps: for metrics, counts and weights.
   */
  readonly kind: 'rotated' | 'plain';
}

/** Why a vector, or a choice of width and scale, cannot be encoded. Messages hold bounds and sizes, never a coordinate. */
export class EncodingError extends Error {
  override readonly name = 'EncodingError';
}

/** Within these, float32 has room for every sum of a transform, and its squares and inverses are finite. */
const largestBound = 2 ** 96;
const smallestBound = 2 ** -96;
/** In steps of the grid; float64 still tells the fraction between two steps. */
const largestGridPoint = 2 ** 48;

/** @throws EncodingError on a field outside its range, or a vector of another length. */
export function checkEncoding(encoding: SectionEncoding, vectorLength: number): void {
  const { section, length, bits, scale, bound } = encoding;
  checkSize({ bits, length, bound });
  if (!Number.isInteger(section) || section < 0 || section > 0xffff_ffff) {
    throw new EncodingError(`A section's index is an unsigned 32-bit integer; got ${section}.`);
  }
  if (!(scale > 0 && scale * bound <= largestGridPoint)) {
    throw new EncodingError(`A scale is positive and at most 2^48 / bound; got ${scale} with the bound ${bound}.`);
  }
  if (vectorLength !== length) {
    throw new EncodingError(`Section ${section} has ${length} coordinates; the vector has ${vectorLength}.`);
  }
}

/** @throws EncodingError on a width, length or bound outside its range. */
export function checkSize({ bits, length, bound }: Pick<SectionEncoding, 'bits' | 'length' | 'bound'>): void {
  if (!Number.isInteger(bits) || bits < 8 || bits > 32) {
    throw new EncodingError(`A coordinate is 8 to 32 bits wide; got ${bits}.`);
  }
  if (!Number.isInteger(length) || length < 1 || length >= 2 ** 31) {
    throw new EncodingError(`A section has 1 to 2^31 - 1 coordinates; got ${length}.`);
  }
  if (!(bound >= smallestBound && bound <= largestBound)) {
    throw new EncodingError(`A bound is between 2^-96 and 2^96; got ${bound}.`);
  }
}

/**
 * The largest |integer| that a plain coordinate is rounded to: ceil(bound s), where a product that misses an integer by no more
 * than float64's rounding counts as that integer.
 */
export function gridLimit({ bound, scale }: Pick<SectionEncoding, 'bound' | 'scale'>): number {
  const product = bound * scale;
  const nearest = Math.round(product);
  return Math.abs(product - nearest) <= nearest * 2 ** -50 ? nearest : Math.ceil(product);
}

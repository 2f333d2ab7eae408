/**
 * The Skellam distribution: the difference of two Poisson variables of mean mu / 2 each, of variance mu, closed under sums (Agarwal,
 * Kairouz, Liu 2021). P[x] = e^-mu I_|x|(mu), with I the modified Bessel function: drawn from a table of exact weights.
 */
import { type NoiseTable, noiseAdder } from './add-integer-noise.ts';
import { fractionOf } from './fixed-point.ts';
import { integerTable, tableDistance } from './integer-table.ts';

/** A table of 260,000 weights. */
const largestVariance = 2 ** 28;
/** Further out is less than 2^-129 of the weight: of many small jumps as of a Gaussian, of few large ones long before. */
const deviations = 13.5;
const fewest = 40;
/** Of the outermost weight; each step inwards loses less than one unit. */
const outermost = 1n << 256n;

/** @throws RangeError on a variance that is not positive, or above 2^28 */
export function skellam(variance: number): NoiseTable {
  if (variance > largestVariance) {
    throw new RangeError(
      `A Skellam variance of ${variance} needs too large a table; expected at most 2^28: take fewer bits, or the discrete Gaussian.`,
    );
  }
  const exact = fractionOf(variance);
  const count = Math.ceil(deviations * Math.sqrt(variance)) + fewest;
  const weights = besselWeights(exact.numerator, exact.denominator, count);
  weights[0] /= 2n;
  const table = integerTable(weights);
  const refinement = { variance: exact, coarseness: 1, refusalBound: 0 };
  return { table, refinement, distance: tableDistance(table) + 2 ** -128 };
}

/** I_0 .. I_(count - 1) but for a factor, by I_(k-1) = I_(k+1) + (2k / mu) I_k from the outside, the stable way (Miller 1952). */
function besselWeights(numerator: bigint, denominator: bigint, count: number): bigint[] {
  const weights = new Array<bigint>(count);
  let [outer, inner] = [0n, outermost];
  for (let k = count - 1; k >= 0; k--) {
    weights[k] = inner;
    [outer, inner] = [inner, outer + (2n * BigInt(k) * inner * denominator) / numerator];
  }
  return weights;
}

/** @throws RangeError as `skellam` */
export const addSkellamNoise = noiseAdder(skellam);

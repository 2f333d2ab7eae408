/**
 * The discrete Gaussian N_Z(0, v), P[x] proportional to exp(-x^2 / 2v) on the integers (Canonne, Kamath, Steinke 2020), as a table
 * of exact weights. Of wide ones the table is of blocks, within which integers are refined by rejection.
 */
import { type NoiseTable, noiseAdder } from './add-integer-noise.ts';
import { expOfMinus, type Fraction, fractionOf, one, precision } from './fixed-point.ts';
import { integerTable, tableDistance } from './integer-table.ts';

/** Standard deviation, in blocks, that a table is made for at most. */
const widestTable = 4096;
/** Further out is less than 2^-129 of the weight: exp(-13.5^2 / 2) = 2^-131.5. */
const deviations = 13.5;
/** Larger ones do not fit integers of 32 bits. */
const largestDeviation = 2 ** 27;

/**
 * Makes the table: about a microsecond for each integer within 13.5 standard deviations, of 55,000 at most.
 * @param variance exactly as given: every float64 is a fraction
 * @throws RangeError on a variance that is not positive, or above 2^54
 */
export function discreteGaussian(variance: number): NoiseTable {
  const exact = fractionOf(variance);
  const deviation = Math.sqrt(variance);
  if (deviation > largestDeviation) {
    throw new RangeError(`A variance of ${variance} does not fit 32-bit integers; expected at most 2^54.`);
  }
  let coarseness = 1;
  while (deviation / coarseness > widestTable) coarseness *= 2;
  const blocks = Math.ceil((deviations * deviation) / coarseness) + 1;
  const weights = gaussianWeights(exact, coarseness, blocks);
  // 0 is drawn with either sign: half as often each. Where blocks are wider than one, its other half is refused.
  if (coarseness === 1) weights[0] /= 2n;
  const table = integerTable(weights);
  // gamma = (2 b c r + r^2) / 2v with b <= blocks and r <= c - 1.
  const largest = (2 * blocks * coarseness * (coarseness - 1) + (coarseness - 1) ** 2) / (2 * variance);
  const refusalBound = Math.min(2 ** 32, Math.ceil(largest * 2 ** 32 * (1 + 2 ** -40)) + 1);
  return {
    refinement: { variance: exact, coarseness, refusalBound },
    table,
    distance: tableDistance(table) + 2 ** -128,
  };
}

/** exp(-(k c)^2 / 2v) for k = 0 .. count - 1: each is the last times a ratio, which falls by the same factor every time. */
function gaussianWeights({ numerator, denominator }: Fraction, coarseness: number, count: number): bigint[] {
  const square = BigInt(coarseness) ** 2n * denominator;
  let ratio = expOfMinus({ numerator: square, denominator: 2n * numerator });
  const factor = expOfMinus({ numerator: square, denominator: numerator });
  const weights: bigint[] = [];
  let weight = one;
  for (let k = 0; k < count; k++) {
    weights.push(weight);
    weight = (weight * ratio) >> precision;
    ratio = (ratio * factor) >> precision;
  }
  return weights;
}

/** @throws RangeError as `discreteGaussian` */
export const addDiscreteGaussianNoise = noiseAdder(discreteGaussian);

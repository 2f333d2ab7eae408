/** Exponentials as integers: what a table of exact weights is made of. */

/** Fractional bits of a weight while a table is made. */
export const precision = 256n;
export const one = 1n << precision;

/** A non-negative rational number. */
export interface Fraction {
  readonly numerator: bigint;
  /** Positive. */
  readonly denominator: bigint;
}

/** Every finite float64 is a fraction whose denominator is a power of two. @throws RangeError unless it is finite and positive */
export function fractionOf(value: number): Fraction {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`A variance is a positive number; got ${value}.`);
  }
  let denominator = 1n;
  let scaled = value;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    denominator *= 2n;
  }
  return { numerator: BigInt(scaled), denominator };
}

/** exp(-x) in units of 2^-256, to 2^-240 at least: halved until it is small, Taylor's series, squared again. */
export function expOfMinus({ numerator, denominator }: Fraction): bigint {
  // A guard against what squaring doubles.
  const guard = 64n;
  let halvings = 0n;
  while (numerator > denominator << halvings) halvings += 1n;
  halvings += 8n;
  if (halvings > guard) return 0n;
  const unit = one << guard;
  const x = (numerator * unit) / (denominator << halvings);
  let term = unit;
  let sum = unit;
  for (let k = 1n; term !== 0n; k++) {
    term = (term * x) / (unit * k);
    sum += k % 2n === 1n ? -term : term;
  }
  for (let i = 0n; i < halvings; i++) sum = (sum * sum) / unit;
  return sum >> guard;
}

/** Moments of privacy losses, for the Chernoff bound on where a sum of many is, and for tilting it towards its tail. */
import type { PrivacyLoss } from './privacy-loss.ts';

/** ln E[e^(t loss)] of what is finite, at one exponent t. */
export type LogMoment = (t: number) => number;

/** Remembers what was asked for: sums of the same steps ask at the same exponents. */
export function logMomentOf({ masses, first, interval }: PrivacyLoss): LogMoment {
  const known = new Map<number, number>();
  return (t) => {
    const found = known.get(t);
    if (found !== undefined) return found;
    // By Horner from the end where the terms are small, in units of the largest exponential.
    const ratio = Math.exp(-Math.abs(t) * interval);
    const last = masses.length - 1;
    let sum = 0;
    if (t > 0) for (let i = 0; i <= last; i++) sum = sum * ratio + masses[i];
    else for (let i = last; i >= 0; i--) sum = sum * ratio + masses[i];
    const value = t * (first + (t > 0 ? last : 0)) * interval + Math.log(sum);
    known.set(t, value);
    return value;
  };
}

export interface RepeatedMoment {
  readonly logMoment: LogMoment;
  /** At least 1. */
  readonly steps: number;
}

/** ln of the moment of the sum. */
export function logMomentOfSum(parts: readonly RepeatedMoment[], t: number): number {
  let sum = 0;
  for (const { logMoment, steps } of parts) sum += steps * logMoment(t);
  return sum;
}

/** Exponents to choose among, from 1e-3 to 1e6, each 1.29 times the one before: all give bounds, and a neighbour's is hardly worse. */
const exponents: readonly number[] = Array.from({ length: 82 }, (_, i) => 10 ** (-3 + i / 9));

interface TailBound {
  /** P[sign sum > bound] <= mass. */
  readonly bound: number;
  /** Its exponent's place. */
  readonly place: number;
}

/** The least (logMoment(sign t) - ln mass) / t over the exponents t, for the tail above (1) or below (-1). */
function tailBound(parts: readonly RepeatedMoment[], sign: 1 | -1, mass: number): TailBound {
  const boundAt = (i: number) => (logMomentOfSum(parts, sign * exponents[i]) - Math.log(mass)) / exponents[i];
  // Over t it falls and then rises, logMoment being convex.
  let [low, high] = [0, exponents.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (boundAt(middle) <= boundAt(middle + 1)) high = middle;
    else low = middle + 1;
  }
  return { bound: boundAt(low), place: low };
}

/** Where the sum is, but for `leaving` on each side. */
export function windowOf(
  parts: readonly RepeatedMoment[],
  leaving: number,
): { readonly from: number; readonly to: number } {
  return { from: -tailBound(parts, -1, leaving).bound, to: tailBound(parts, 1, leaving).bound };
}

/** Of exponent times width: more would lift the rounding errors at the window's other end out of all proportion. */
const steepest = 64;

/**
 * The exponent by which to tilt for a tail of `mass`: somewhat below the best one of its Chernoff bound, where it costs a few of the
 * digits gained, since beyond it most of the tilted mass may lie above any window.
 */
export function tiltFor(parts: readonly RepeatedMoment[], mass: number, width: number): number {
  let place = Math.max(0, tailBound(parts, 1, mass).place - 2);
  while (place > 0 && exponents[place] * width > steepest) place -= 1;
  return exponents[place];
}

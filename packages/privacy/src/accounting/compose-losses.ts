/** The sum of many independent privacy losses, by Fourier transform (Koskela, Jalko, Honkela 2020), and its epsilon. */
import { type Complex, transform } from './fourier.ts';
import type { PrivacyLoss } from './privacy-loss.ts';

export interface RepeatedLoss {
  readonly loss: PrivacyLoss;
  /** At least 1. */
  readonly steps: number;
}

/** Chance that a sum leaves its window: added to what is infinite. */
const tailMass = 1e-15;
/** Exponents of the Chernoff bounds, as logarithms, and how often the best one is narrowed down. */
const exponents = [Math.log(1e-3), Math.log(1e6)] as const;
const narrowings = 18;

export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Where the sum of the losses is, but for 1e-15 on each side: (ln 1e15 + sum of log-moments(t)) / t, for the best t. */
export function sumWindow(parts: readonly RepeatedLoss[]): Window {
  const bound = (sign: 1 | -1) => {
    const at = (logarithm: number) => {
      const t = Math.exp(logarithm);
      let logMoment = -Math.log(tailMass);
      for (const { loss, steps } of parts) logMoment += steps * logMomentOf(loss, sign * t);
      return logMoment / t;
    };
    // Every exponent gives a bound; (c + K(t)) / t with K convex falls and then rises.
    let [low, high] = exponents as readonly [number, number];
    let best = Math.min(at(low), at(high));
    for (let i = 0; i < narrowings; i++) {
      const [left, right] = [low + (high - low) / 3, high - (high - low) / 3];
      const [atLeft, atRight] = [at(left), at(right)];
      best = Math.min(best, atLeft, atRight);
      if (atLeft < atRight) high = right;
      else low = left;
    }
    return best;
  };
  let [least, most] = [0, 0];
  for (const { loss, steps } of parts) {
    least += steps * loss.first * loss.interval;
    most += steps * (loss.first + loss.masses.length - 1) * loss.interval;
  }
  return { from: Math.max(least, -bound(-1)), to: Math.min(most, bound(1)) };
}

function logMomentOf({ masses, first, interval }: PrivacyLoss, t: number): number {
  const end = t > 0 ? masses.length - 1 : 0;
  const largest = t * (first + end) * interval;
  let sum = 0;
  for (let i = 0; i < masses.length; i++) {
    if (masses[i] > 0) sum += masses[i] * Math.exp(t * (first + i) * interval - largest);
  }
  return largest + Math.log(sum);
}

/** The distribution of the sum, all parts on one interval. What leaves the window comes back into it at the other end. */
export function composeLosses(parts: readonly RepeatedLoss[], interval: number, { from, to }: Window): PrivacyLoss {
  const first = Math.floor(from / interval) - 1;
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, Math.ceil(to / interval) - first + 2)));
  const product: Complex = { real: new Float64Array(size).fill(1), imaginary: new Float64Array(size) };
  // Of the sum's cell 0 is `first`; of a part, cell 0 is loss 0: the product is turned by as much.
  let infinite = 2 * tailMass;
  for (const { loss, steps } of parts) {
    const spectrum: Complex = { real: new Float64Array(size), imaginary: new Float64Array(size) };
    for (let i = 0; i < loss.masses.length; i++) spectrum.real[modulo(loss.first + i, size)] += loss.masses[i];
    transform(spectrum, 'forward');
    multiplyByPower(product, spectrum, steps);
    infinite += -Math.expm1(steps * Math.log1p(-loss.infinite));
  }
  transform(product, 'backward');
  const masses = new Float64Array(size);
  for (let i = 0; i < size; i++) masses[i] = Math.max(0, product.real[modulo(first + i, size)] / size);
  return { interval, first, masses, infinite };
}

function multiplyByPower(product: Complex, { real, imaginary }: Complex, steps: number): void {
  for (let i = 0; i < real.length; i++) {
    const magnitude = Math.hypot(real[i], imaginary[i]) ** steps;
    const angle = Math.atan2(imaginary[i], real[i]) * steps;
    const [re, im] = [magnitude * Math.cos(angle), magnitude * Math.sin(angle)];
    const before = product.real[i];
    product.real[i] = before * re - product.imaginary[i] * im;
    product.imaginary[i] = before * im + product.imaginary[i] * re;
  }
}

const modulo = (value: number, size: number) => ((value % size) + size) % size;

/**
 * The least epsilon >= 0 with infinite + sum over losses l > epsilon of P[l] (1 - e^(epsilon - l)) <= delta; infinite where what is
 * infinite alone is more than delta.
 */
export function epsilonOfLoss({ interval, first, masses, infinite }: PrivacyLoss, delta: number): number {
  if (infinite > delta) return Number.POSITIVE_INFINITY;
  let [mass, discounted] = [infinite, 0];
  for (let i = masses.length - 1; i >= 0; i--) {
    const loss = (first + i) * interval;
    if (loss < 0) break;
    // delta(epsilon) from here down to the next loss, as far as its masses are known.
    const here = mass - discounted * Math.exp(loss);
    if (here > delta) return Math.max(0, Math.log((mass - delta) / discounted));
    mass += masses[i];
    discounted += masses[i] * Math.exp(-loss);
  }
  return mass - discounted <= delta ? 0 : Math.max(0, Math.log((mass - delta) / discounted));
}

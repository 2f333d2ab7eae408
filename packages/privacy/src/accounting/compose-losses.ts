/**
 * The sum of many independent privacy losses by Fourier transform (Koskela, Jalko, Honkela 2020), tilted: masses are multiplied by
 * e^(t loss) before and divided by it afterwards, with t near where the Chernoff bound of delta is least, so that the tail which delta
 * is made of has much of the transformed mass, and keeps its digits where delta is small.
 *
 * It is an upper bound, rounding included: every cell gets the bound of its rounding error besides its mass.
 */
import { type Complex, errorPerLevel, mirrored, transform, transformBack } from './fourier.ts';
import { type LogMoment, logMomentOf, logMomentOfSum, type RepeatedMoment, tiltFor, windowOf } from './loss-moments.ts';
import type { BothLosses, PrivacyLoss } from './privacy-loss.ts';

/** Losses of one step, with what is remembered of them. */
export interface StepLosses {
  readonly losses: BothLosses;
  readonly logMoments: { readonly remove: LogMoment; readonly add: LogMoment };
  /** The transform that was asked for last. */
  spectrum: Spectrum | null;
}
interface Spectrum {
  readonly size: number;
  readonly tilts: Tilts;
  readonly values: Complex;
}
interface Tilts {
  readonly remove: number;
  readonly add: number;
}

export interface RepeatedLosses {
  readonly step: StepLosses;
  /** At least 1. */
  readonly steps: number;
}

export function stepLosses(losses: BothLosses): StepLosses {
  const logMoments = { remove: logMomentOf(losses.remove), add: logMomentOf(losses.add) };
  return { losses, logMoments, spectrum: null };
}

/** Chance that a sum leaves its window on one side, of delta: added to what is infinite. */
const leavingShare = 1e-9;
/** Larger transforms are not remembered: this one has 8 MiB. */
const mostRemembered = 2 ** 19;
const unit = 2 ** -53;

/** Where the sum is, and how it is tilted. */
export interface Plan {
  readonly from: number;
  readonly to: number;
  readonly tilt: number;
  /** ln of the moment at the tilt. */
  readonly logScale: number;
}

export function planSum(parts: readonly RepeatedLosses[], relation: keyof BothLosses, delta: number): Plan {
  let [least, most] = [0, 0];
  const moments = parts.map(({ step, steps }): RepeatedMoment => {
    const { first, masses, interval } = step.losses[relation];
    least += steps * first * interval;
    most += steps * (first + masses.length - 1) * interval;
    return { logMoment: step.logMoments[relation], steps };
  });
  const window = windowOf(moments, delta * leavingShare);
  const [from, to] = [Math.max(least, window.from), Math.min(most, window.to)];
  const tilt = tiltFor(moments, delta, to - from);
  return { from, to, tilt, logScale: logMomentOfSum(moments, tilt) };
}

/**
 * Distributions of both sums, from loss 0 on, all parts on one interval. What leaves a window comes back into it at the other end, and
 * is counted there besides. Both take one transform: one as real numbers, one as imaginary.
 */
export function composeLosses(
  parts: readonly RepeatedLosses[],
  interval: number,
  plans: { readonly remove: Plan; readonly add: Plan },
  delta: number,
): BothLosses {
  const cells = Math.max(...[plans.remove, plans.add].map(({ from, to }) => Math.ceil((to - from) / interval)));
  const size = 2 ** Math.ceil(Math.log2(cells + 4));
  const tilts = { remove: plans.remove.tilt, add: plans.add.tilt };
  const product: Complex = { real: new Float64Array(size).fill(1), imaginary: new Float64Array(size) };
  // The imaginary half holds numbers 1 too, at the mirrored places and at those without one.
  product.imaginary.fill(1, 0, 2);
  for (const { step, steps } of parts) multiplyByPower(product, spectrumOf(step, tilts, size), steps);
  const errors = cellErrors(product, parts);
  join(product);
  transformBack(product);
  const sumOf = (relation: keyof BothLosses, values: Float64Array): PrivacyLoss => {
    const { from, tilt, logScale } = plans[relation];
    const start = Math.floor(from / interval) - 1;
    const first = Math.max(0, start);
    const masses = new Float64Array(Math.max(0, start + size - first));
    for (let i = 0; i < masses.length; i++) {
      // Of the sum, as of the parts, loss 0 is at place 0; the size is a power of two.
      const value = Math.max(0, values[(first + i) & (size - 1)] / size) + errors[relation];
      masses[i] = Math.min(1, value * Math.exp(logScale - tilt * (first + i) * interval));
    }
    let infinite = 2 * delta * leavingShare;
    for (const { step, steps } of parts) infinite -= Math.expm1(steps * Math.log1p(-step.losses[relation].infinite));
    return { interval, first, masses, infinite };
  };
  return { remove: sumOf('remove', product.real), add: sumOf('add', product.imaginary) };
}

/** Transform of remove + i add, each tilted to a sum of 1. */
function spectrumOf(step: StepLosses, tilts: Tilts, size: number): Complex {
  const known = step.spectrum;
  if (known && known.size === size && known.tilts.remove === tilts.remove && known.tilts.add === tilts.add) {
    return known.values;
  }
  const values: Complex = { real: new Float64Array(size), imaginary: new Float64Array(size) };
  for (const [relation, into] of [
    ['remove', values.real],
    ['add', values.imaginary],
  ] as const) {
    const { first, masses, interval } = step.losses[relation];
    const tilt = tilts[relation];
    const logScale = step.logMoments[relation](tilt);
    for (let i = 0; i < masses.length; i++) {
      into[(first + i) & (size - 1)] += masses[i] * Math.exp(tilt * (first + i) * interval - logScale);
    }
  }
  transform(values);
  step.spectrum = size <= mostRemembered ? { size, tilts, values } : null;
  return values;
}

/**
 * Multiplies by the transforms of both, raised to a power. They are those of real numbers: conjugate at mirrored frequencies, so that
 * the product holds that of `remove` at one of the two places, and that of `add` at the other.
 */
function multiplyByPower(product: Complex, { real, imaginary }: Complex, steps: number): void {
  const digits = binaryDigits(steps);
  for (let place = 0; place < real.length; place++) {
    const other = mirrored(place);
    if (other === place) {
      product.real[place] *= real[place] ** steps;
      product.imaginary[place] *= imaginary[place] ** steps;
    } else if (place < other) {
      const [re, im, otherRe, otherIm] = [real[place], imaginary[place], real[other], imaginary[other]];
      multiplyAt(product, place, (re + otherRe) / 2, (im - otherIm) / 2, digits);
      multiplyAt(product, other, (im + otherIm) / 2, (otherRe - re) / 2, digits);
    }
  }
}

/** By squaring and multiplying: relative errors of sqrt(5) u for each of the steps. */
function multiplyAt(product: Complex, place: number, re: number, im: number, digits: Uint8Array): void {
  let powerRe = re;
  let powerIm = im;
  for (let i = 1; i < digits.length; i++) {
    const squareRe = powerRe * powerRe - powerIm * powerIm;
    const squareIm = 2 * powerRe * powerIm;
    powerRe = squareRe;
    powerIm = squareIm;
    if (digits[i] === 1) {
      powerRe = squareRe * re - squareIm * im;
      powerIm = squareRe * im + squareIm * re;
    }
  }
  const before = product.real[place];
  product.real[place] = before * powerRe - product.imaginary[place] * powerIm;
  product.imaginary[place] = before * powerIm + product.imaginary[place] * powerRe;
}

const binaryDigits = (value: number) => Uint8Array.from(value.toString(2), Number);

/** From the products of both at mirrored places to the transform of remove + i add. */
function join({ real, imaginary }: Complex): void {
  for (let place = 2; place < real.length; place++) {
    const other = mirrored(place);
    if (place > other) continue;
    const [re, im, addRe, addIm] = [real[place], imaginary[place], real[other], imaginary[other]];
    real[place] = re - addIm;
    imaginary[place] = im + addRe;
    real[other] = re + addIm;
    imaginary[other] = addRe - im;
  }
}

/**
 * Bounds of a cell's rounding error, to first order. A forward transform errs by eta = 2 levels errorPerLevel, its input summing to 2;
 * the power of T steps then by T |phi|^(T - 1) (eta + 3 u), where |phi|^(T - 1) <= sqrt(|phi|^T) from T = 2 on; the backward one by
 * levels errorPerLevel times the mean of its input.
 */
function cellErrors({ real, imaginary }: Complex, parts: readonly RepeatedLosses[]) {
  const size = real.length;
  const means = { remove: 0, add: 0 };
  const rootMeans = { remove: 0, add: 0 };
  const count = (relation: keyof BothLosses, magnitude: number, places: number) => {
    means[relation] += (places * magnitude) / size;
    rootMeans[relation] += (places * Math.sqrt(magnitude)) / size;
  };
  for (let place = 0; place < size; place++) {
    const other = mirrored(place);
    if (other === place) {
      count('remove', Math.abs(real[place]), 1);
      count('add', Math.abs(imaginary[place]), 1);
    } else {
      const magnitude = Math.sqrt(real[place] ** 2 + imaginary[place] ** 2);
      count(place < other ? 'remove' : 'add', magnitude, 2);
    }
  }
  const levels = Math.log2(size);
  const forward = 2 * levels * errorPerLevel;
  const backward = (levels * errorPerLevel + unit) * (means.remove + means.add);
  const of = (relation: keyof BothLosses) => {
    let error = backward;
    for (const { steps } of parts) {
      const rest = steps === 1 ? 1 : rootMeans[relation] + 2 * forward;
      error += steps * (forward + 3 * unit) * rest;
    }
    return error;
  };
  return { remove: of('remove'), add: of('add') };
}

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

/**
 * Privacy loss distributions on a grid (Koskela, Jalko, Honkela 2020; Doroshenko, Ghazi, Kamath, Kumar, Manurangsi 2022): the mass of
 * each cell is split between its two ends so that both distributions keep theirs ("connect the dots", section 5), which joins the
 * exact (epsilon, delta) curve at the grid's points by chords: never below it, and without the drift of rounding every loss up.
 */
import { normalTail } from './normal-tail.ts';

export interface PrivacyLoss {
  /** Width of a cell. */
  readonly interval: number;
  /** Loss of the first mass, in cells. */
  readonly first: number;
  /** P[loss = (first + i) interval]. */
  readonly masses: Float64Array;
  /** P[loss is infinite]. */
  readonly infinite: number;
}

/** Beyond so many standard deviations a normal distribution has less than 1e-25. */
const deviations = 10.5;

/** One step of a Gaussian mechanism under Poisson sampling. */
export interface SampledGaussian {
  readonly noiseMultiplier: number;
  /** In (0, 1]. */
  readonly rate: number;
}

/** Of one person removed, whose mixture is the first distribution, and of one added, whose mixture is the second. */
export interface BothLosses {
  readonly remove: PrivacyLoss;
  readonly add: PrivacyLoss;
}

/** How far the losses of one step reach, from the least to the largest, but for the tails. */
export function lossRange({ noiseMultiplier: z, rate }: SampledGaussian): readonly [number, number] {
  return [lossAt(-deviations * z, z, rate), lossAt(1 + deviations * z, z, rate)];
}

/** Both on the grid of whole multiples of `interval`: of an addition the losses have the other sign. */
export function sampledGaussianLosses(mechanism: SampledGaussian, interval: number): BothLosses {
  const { noiseMultiplier: z, rate } = mechanism;
  const [least, most] = lossRange(mechanism);
  const first = Math.floor(least / interval);
  const cells = Math.max(1, Math.ceil(most / interval) - first);
  const remove = new Float64Array(cells + 1);
  const add = new Float64Array(cells + 1);
  const borderAt = (i: number) => borderOf(outcomeOf((first + i) * interval, z, rate), z);
  const [bottom, top] = [borderAt(0), borderAt(cells)];
  for (let i = 0, left = bottom; i < cells; i++) {
    const right = borderAt(i + 1);
    const plain = between(left.plain, right.plain);
    const mixed = (1 - rate) * plain + rate * between(left.shifted, right.shifted);
    const loss = (first + i) * interval;
    const low = lowerShare(mixed, plain, loss, interval);
    remove[i] += low;
    remove[i + 1] += mixed - low;
    // The cell's losses from the other end, and its outcomes' masses the other way round.
    const lowOfAdd = lowerShare(plain, mixed, -loss - interval, interval);
    add[cells - i] += plain - lowOfAdd;
    add[cells - 1 - i] += lowOfAdd;
    left = right;
  }
  const [plainBelow, plainAbove] = [below(bottom.plain), above(top.plain)];
  const mixedBelow = (1 - rate) * plainBelow + rate * below(bottom.shifted);
  const mixedAbove = (1 - rate) * plainAbove + rate * above(top.shifted);
  return {
    remove: withTails(remove, first, interval, mixedBelow, mixedAbove, plainAbove),
    add: withTails(add, -first - cells, interval, plainAbove, plainBelow, mixedBelow),
  };
}

/** a of a + b = p and a e^-l + b e^-(l + interval) = q, where l is the cell's lower end. */
function lowerShare(p: number, q: number, loss: number, interval: number): number {
  const share = (q * Math.exp(loss + interval) - p) / Math.expm1(interval);
  return Math.min(p, Math.max(0, share));
}

/** What lies below the grid goes up to its lowest loss; what lies above it is infinite, but for what the second one has there. */
function withTails(
  masses: Float64Array,
  first: number,
  interval: number,
  pBelow: number,
  pAbove: number,
  qAbove: number,
): PrivacyLoss {
  const last = masses.length - 1;
  const finite = Math.min(pAbove, qAbove * Math.exp((first + last) * interval));
  masses[0] += pBelow;
  masses[last] += finite;
  return { interval, first, masses, infinite: pAbove - finite };
}

/** ln((1 - q) + q e^((2x - 1) / 2z^2)): of the outcome x of the mixture against N(0, z^2). */
function lossAt(x: number, z: number, rate: number): number {
  const ratio = (2 * x - 1) / (2 * z * z);
  return ratio > 30 ? ratio + Math.log(rate + (1 - rate) * Math.exp(-ratio)) : Math.log1p(rate * Math.expm1(ratio));
}

/** The outcome whose loss it is; minus infinity for a loss that no outcome has. */
function outcomeOf(loss: number, z: number, rate: number): number {
  const odds =
    loss > 30 ? loss - Math.log(rate) + Math.log1p((rate - 1) * Math.exp(-loss)) : Math.log1p(Math.expm1(loss) / rate);
  // Below ln(1 - q) the logarithm has no value.
  return Number.isNaN(odds) ? Number.NEGATIVE_INFINITY : z * z * odds + 0.5;
}

/** Where a cell ends, in standard deviations from the mean, with the tail on the side away from it. */
interface Border {
  readonly at: number;
  readonly tail: number;
}

function borderOf(x: number, z: number): { readonly plain: Border; readonly shifted: Border } {
  const [plain, shifted] = [x / z, (x - 1) / z];
  return {
    plain: { at: plain, tail: normalTail(Math.abs(plain)) },
    shifted: { at: shifted, tail: normalTail(Math.abs(shifted)) },
  };
}

/** Of a normal distribution, by the tails on the side where they are small. */
function between(left: Border, right: Border): number {
  if (left.at >= 0) return Math.max(0, left.tail - right.tail);
  if (right.at <= 0) return Math.max(0, right.tail - left.tail);
  return 1 - left.tail - right.tail;
}

const above = ({ at, tail }: Border) => (at >= 0 ? tail : 1 - tail);
const below = ({ at, tail }: Border) => (at >= 0 ? 1 - tail : tail);

/**
 * Privacy loss distributions on a grid (Koskela, Jalko, Honkela 2020; Doroshenko, Ghazi, Kamath, Kumar, Manurangsi 2022): the mass of
 * each cell is split between its two ends so that both distributions keep theirs ("connect the dots", section 5), which joins the
 * exact (epsilon, delta) curve at the grid's points by chords: never below it, and without the drift of rounding every loss up.
 */
import { normalBetween, normalTail } from './normal-tail.ts';

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

/** How far the losses of one step reach, from the least to the largest, but for the tails. */
export function lossRange({ noiseMultiplier: z, rate }: SampledGaussian): readonly [number, number] {
  return [lossAt(-deviations * z, z, rate), lossAt(1 + deviations * z, z, rate)];
}

/** Of one person removed, whose mixture is the first distribution, or added, whose mixture is the second. */
export function sampledGaussianLoss(
  mechanism: SampledGaussian,
  relation: 'remove' | 'add',
  interval: number,
): PrivacyLoss {
  const { noiseMultiplier: z, rate } = mechanism;
  const [least, most] = lossRange(mechanism);
  // Of an addition the losses have the other sign, and run from the right to the left.
  const [from, to] = relation === 'remove' ? [least, most] : [-most, -least];
  const first = Math.floor(from / interval);
  const cells = Math.ceil(to / interval) - first;
  const masses = new Float64Array(cells + 1);
  const xOf = (loss: number) => outcomeOf(relation === 'remove' ? loss : -loss, z, rate);
  const split = (i: number, x1: number, x2: number) => {
    const [left, right] = x1 < x2 ? [x1, x2] : [x2, x1];
    const { mixed, plain } = massesBetween(left, right, z, rate);
    const [p, q] = relation === 'remove' ? [mixed, plain] : [plain, mixed];
    // a + b = p and a e^-l + b e^-(l + interval) = q, where l is the cell's lower end.
    const lower = (first + i) * interval;
    const a = (q * Math.exp(lower + interval) - p) / Math.expm1(interval);
    const low = Math.min(p, Math.max(0, a));
    masses[i] += low;
    masses[i + 1] += p - low;
  };
  for (let i = 0, x = xOf(first * interval); i < cells; i++) {
    const next = xOf((first + i + 1) * interval);
    split(i, x, next);
    x = next;
  }
  const ends = [xOf(first * interval), xOf((first + cells) * interval)];
  const below = tail(relation === 'remove' ? 'left' : 'right', ends[0], z, rate);
  const above = tail(relation === 'remove' ? 'right' : 'left', ends[1], z, rate);
  const [pBelow, pAbove, qAbove] =
    relation === 'remove' ? [below.mixed, above.mixed, above.plain] : [below.plain, above.plain, above.mixed];
  masses[0] += pBelow;
  const finite = Math.min(pAbove, qAbove * Math.exp((first + cells) * interval));
  masses[cells] += finite;
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

function massesBetween(left: number, right: number, z: number, rate: number) {
  const plain = normalBetween(left / z, right / z);
  const shifted = normalBetween((left - 1) / z, (right - 1) / z);
  return { plain, mixed: (1 - rate) * plain + rate * shifted };
}

function tail(side: 'left' | 'right', x: number, z: number, rate: number) {
  const [plain, shifted] =
    side === 'right' ? [normalTail(x / z), normalTail((x - 1) / z)] : [normalTail(-x / z), normalTail(-(x - 1) / z)];
  return { plain, mixed: (1 - rate) * plain + rate * shifted };
}

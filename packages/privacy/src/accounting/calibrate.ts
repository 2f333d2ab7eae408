/** The least noise with which events stay within an epsilon. */
import { createAccountant } from './accountant.ts';
import type { AccountantKind, MechanismEvent } from './event.ts';
import { defaultInterval } from './pld-total.ts';

export interface Calibration {
  readonly epsilon: number;
  readonly delta: number;
  readonly accountant: AccountantKind;
  /** All that is to be spent, with a noise multiplier. */
  readonly events: (noiseMultiplier: number) => readonly MechanismEvent[];
}

/**
 * Of privacy losses: eight times as wide as an accountant's, whose grid then holds this one, so that its epsilons are not above these.
 * It costs a ten-thousandth of noise at most.
 */
const interval = 8 * defaultInterval;
const least = 1e-3;
const most = 1e6;

/**
 * The noise multiplier, to four digits and rounded up, so that the last release is never refused for a rounding.
 * @throws RangeError where epsilon or delta is out of its range, or no noise multiplier up to a million is enough
 */
export function calibrateNoiseMultiplier({ epsilon, delta, accountant, events }: Calibration): number {
  if (!(epsilon > 0 && epsilon < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`epsilon is ${epsilon}; expected a positive number.`);
  }
  const spent = (kind: AccountantKind, noiseMultiplier: number): number => {
    const total = createAccountant(kind, interval);
    for (const event of events(noiseMultiplier)) total.add(event);
    return total.epsilon(delta);
  };
  if (spent('rdp', most) > epsilon) {
    throw new RangeError(`No noise multiplier up to ${most} keeps epsilon within ${epsilon} at delta ${delta}.`);
  }
  // RDP is quick, and enough where a distribution says less: the answer is below its own.
  const byRdp = narrow(least, most, epsilon, (value) => spent('rdp', value));
  if (accountant === 'rdp') return roundedUp(byRdp);
  const byPld = (value: number) => spent('pld', value);
  // Of few steps at a small rate RDP is loose by far.
  let good = byRdp;
  while (good > least && byPld(good / 1.2) <= epsilon) good /= 1.2;
  return roundedUp(narrow(good / 1.2, good, epsilon, byPld));
}

const accuracy = 1 + 2e-5;

/**
 * Where a falling curve comes down to a height, from above: it is nearly a line in logarithms, so the next guess is where the chord
 * is a little past the height, and the middle where a chord brought little.
 */
function narrow(from: number, to: number, height: number, curve: (value: number) => number): number {
  let [bad, good] = [from, to];
  let [above, below] = [curve(bad), curve(good)];
  // The least noise there is may be enough.
  if (above <= height) return bad;
  for (let turn = 0; good / bad > accuracy; turn++) {
    const [high, low] = [Math.log(above), Math.log(Math.max(below, 1e-12))];
    const share = (high - Math.log(height)) / (high - low);
    const chord = bad * (good / bad) ** Math.min(0.99, share) * (1 + 4e-6);
    const isUseful = turn % 3 !== 2 && Number.isFinite(chord) && chord > bad && chord < good;
    const next = isUseful ? chord : Math.sqrt(bad * good);
    const value = curve(next);
    if (value <= height) [good, below] = [next, value];
    else [bad, above] = [next, value];
  }
  return good;
}

/** To four significant digits. */
function roundedUp(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 3);
  return Number((Math.ceil(value / unit) * unit).toPrecision(4));
}

/**
 * The conditions on k and t of SecAgg+ (Bell, Bonawitz, Gascon, Lepoint, Raykova 2020), on exact hypergeometric tails instead of
 * Chernoff bounds. H(a): how many of a device's k neighbours lie in a set of a others.
 */
import type { Counts } from './assumptions.ts';
import { logAdd, logBinomialTail, logChoose, logTail, logTails } from './hypergeometric.ts';

/** Smallest x with tails[x] <= bound. */
function smallest(tails: Float64Array, bound: number): number {
  const x = tails.findIndex((tail) => tail <= bound);
  return x < 0 ? tails.length : x;
}

/** S1, M1: most corrupt neighbours that any device has, plus one. */
export function corruptBound({ n, corrupt, secrecy }: Counts, degree: number): number {
  return smallest(logTails(n - 1, corrupt, degree), secrecy - Math.log(n));
}

/** C: the highest threshold at which every device keeps enough answering neighbours. */
export function completionThreshold({ n, lost, completion }: Counts, degree: number): number {
  return degree - (smallest(logTails(n - 1, lost, degree), completion - Math.log(n)) - 1);
}

/** M1: nobody's two secrets can both be opened, 2t > k + corrupt neighbours. */
export function neverBothSecrets({ n, corrupt, secrecy }: Counts, degree: number, threshold: number): boolean {
  return logTail(n - 1, corrupt, degree, Math.max(2 * threshold - degree, 0)) <= secrecy - Math.log(n);
}

/** One term of M2: ln of the expected number of groups of s honest devices that are closed under sharing. */
function closedGroups({ n, corrupt }: Counts, degree: number, threshold: number, s: number): number {
  const marked = Math.min(s - 1 + corrupt, n - 1);
  return logChoose(n - corrupt, s) + s * logTail(n - 1, marked, degree, threshold);
}

/** M2: no group of at most alpha n honest devices is closed, so every sum that can be opened holds more. */
export function noSmallGroup(counts: Counts, degree: number, threshold: number): boolean {
  const { n, corrupt, secrecy, alpha } = counts;
  const most = Math.min(n - corrupt, Math.floor(alpha * n));
  // A few terms alone often pass the bound.
  for (let probe = 0; probe < 9; probe++) {
    const s = Math.max(1, Math.round(1 + (probe * (most - 1)) / 8));
    if (most >= 1 && closedGroups(counts, degree, threshold, s) > secrecy) return false;
  }
  let total = Number.NEGATIVE_INFINITY;
  for (let s = 1; s <= most; s++) {
    total = logAdd(total, closedGroups(counts, degree, threshold, s));
    if (total > secrecy) return false;
  }
  return true;
}

/** The smallest s at which M2's sum over groups of 1 .. s passes its bound: fewer honest inputs are in no sum that can be opened. */
export function smallestOpened(counts: Counts, degree: number, threshold: number): number {
  const honest = counts.n - counts.corrupt;
  let total = Number.NEGATIVE_INFINITY;
  for (let s = 1; s <= honest; s++) {
    total = logAdd(total, closedGroups(counts, degree, threshold, s));
    if (total > counts.secrecy) return s;
  }
  return honest;
}

/** Interval of thresholds for k out-neighbours of each device's own choice; null for none. M2 falls with the threshold. */
export function thresholds(counts: Counts, degree: number): readonly [number, number] | null {
  const high = completionThreshold(counts, degree);
  const low = Math.max(((degree + corruptBound(counts, degree) - 1) >> 1) + 1, 2);
  if (low > high) return null;
  if (noSmallGroup(counts, degree, low)) return [low, high];
  if (!noSmallGroup(counts, degree, high)) return null;
  let [bad, good] = [low, high];
  while (good - bad > 1) {
    const middle = (bad + good) >> 1;
    if (noSmallGroup(counts, degree, middle)) good = middle;
    else bad = middle;
  }
  return [good, high];
}

/** S1, S2, C: interval of thresholds on a permuted ring of even degree, for a coordinator that follows the protocol. */
export function ringThresholds(counts: Counts, degree: number): readonly [number, number] | null {
  if (ringDisconnected(counts, degree) > counts.secrecy) return null;
  const low = Math.max(corruptBound(counts, degree), 2);
  const high = completionThreshold(counts, degree);
  return low <= high ? [low, high] : null;
}

/** S2: a cut of the ring needs two gaps of k/2 consecutive bad devices. */
function ringDisconnected({ n, corrupt, lost }: Counts, degree: number): number {
  const bad = corrupt + lost;
  if (degree > bad) return Number.NEGATIVE_INFINITY;
  const cuts = Math.log(n) + Math.log(Math.max(n - degree - 1, 1)) - Math.LN2;
  // C(bad, k) / C(n, k)
  return cuts + logChoose(bad, degree) - logChoose(n, degree);
}

/** Most devices that draw one, all honest, with 2^-completion over the roster. */
export function degreeCap({ n, completion }: Counts, degree: number): number {
  const p = Math.min(1, degree / (n - 1));
  const bound = completion - Math.log(n);
  let [low, high] = [Math.min(degree, n - 1) - 1, n - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (logBinomialTail(n - 1, p, middle) <= bound) high = middle;
    else low = middle;
  }
  return high;
}

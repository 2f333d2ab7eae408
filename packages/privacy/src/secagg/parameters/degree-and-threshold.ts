/** Degree and threshold for one size of roster, for a range of sizes, and whether given ones serve. */
import { type Counts, countsOf, type GraphAssumptions } from './assumptions.ts';
import { degreeCap, neverBothSecrets, noSmallGroup, ringThresholds, smallestOpened, thresholds } from './conditions.ts';

export interface AggregationGraph {
  /** `own-choice`: each device draws its neighbours; `ring`: for a coordinator that follows the protocol. */
  readonly graph: 'full' | 'own-choice' | 'ring';
  /** Out-neighbours of each device; n - 1 in the full graph. */
  readonly degree: number;
  readonly threshold: number;
  readonly thresholdRange: readonly [number, number];
  readonly inDegreeCap: number;
  /** Honest devices in the smallest sum that can be opened. */
  readonly openedMinimum: number;
  /** Expected number of devices with which one shares a mask. */
  readonly maskNeighbours: number;
}

/** The smallest degree for n devices and a coordinator that need not follow the protocol; null where there is none. */
export function findGraph(n: number, assumptions: GraphAssumptions): AggregationGraph | null {
  const counts = countsOf(n, assumptions);
  const found = smallestDegree(n, 1, (degree) => thresholds(counts, degree));
  if (!found || found.degree >= n - 2) return fullGraph(n, assumptions);
  const { degree, range } = found;
  const threshold = middleOf(range);
  const missed = 1 - degree / (n - 1);
  return {
    graph: 'own-choice',
    degree,
    threshold,
    thresholdRange: range,
    inDegreeCap: degreeCap(counts, degree),
    openedMinimum: smallestOpened(counts, degree, threshold),
    maskNeighbours: roundHalfEven(n - 1 - (n - 1) * missed ** 2),
  };
}

/** As `findGraph`, for a coordinator that follows the protocol (not what rounds here assume). */
export function findSemiHonestGraph(n: number, assumptions: GraphAssumptions): AggregationGraph | null {
  const counts = countsOf(n, assumptions);
  const opened = n - counts.corrupt - counts.lost;
  const found = smallestDegree(n, 2, (degree) => ringThresholds(counts, degree));
  if (!found || found.degree >= n - 2) {
    const range = [Math.max(counts.corrupt + 1, 2), n - 1 - counts.lost] as const;
    if (range[0] > range[1]) return null;
    return { ...complete(n, range), openedMinimum: opened };
  }
  const { degree, range } = found;
  return {
    graph: 'ring',
    degree,
    threshold: middleOf(range),
    thresholdRange: range,
    inDegreeCap: degree,
    openedMinimum: opened,
    maskNeighbours: degree,
  };
}

/** Everybody everybody's neighbour: exact bounds instead of tails. Null where no threshold lies between them. */
export function fullGraph(n: number, assumptions: GraphAssumptions): AggregationGraph | null {
  const { corrupt, lost } = countsOf(n, assumptions);
  const range = fullRange(n, corrupt, lost);
  if (range[0] > range[1]) return null;
  const threshold = middleOf(range);
  return { ...complete(n, range), openedMinimum: threshold + 1 - corrupt };
}

/** Thresholds of the full graph: from (n - 1 + c) / 2, above, to n - 1 - dd. */
export function fullRange(n: number, corrupt: number, lost: number): readonly [number, number] {
  return [Math.max(((n - 1 + corrupt) >> 1) + 1, 2), n - 1 - lost];
}

function complete(n: number, range: readonly [number, number]) {
  return {
    graph: 'full' as const,
    degree: n - 1,
    threshold: middleOf(range),
    thresholdRange: range,
    inDegreeCap: n - 1,
    maskNeighbours: n - 1,
  };
}

/** M1 and M2 for given k and t: what a device checks at the roster's real size. */
export function graphHolds(n: number, degree: number, threshold: number, assumptions: GraphAssumptions): boolean {
  if (!(threshold >= 2 && threshold <= degree && degree <= n - 1)) return false;
  const counts = countsOf(n, assumptions);
  if (degree === n - 1) {
    return 2 * threshold > degree + counts.corrupt && threshold + 1 - counts.corrupt > counts.alpha * n;
  }
  return neverBothSecrets(counts, degree, threshold) && noSmallGroup(counts, degree, threshold);
}

/** Honest devices in the smallest sum that k and t let be opened. */
export function openedMinimum(n: number, degree: number, threshold: number, assumptions: GraphAssumptions): number {
  const counts = countsOf(n, assumptions);
  return degree === n - 1 ? threshold + 1 - counts.corrupt : smallestOpened(counts, degree, threshold);
}

export function inDegreeCap(n: number, degree: number, completion = 30): number {
  return degreeCap(countsOf(n, { corrupt: 0, dropout: 0, completion }), degree);
}

export interface RangeGraph {
  readonly graph: 'own-choice';
  readonly degree: number;
  readonly threshold: number;
  readonly thresholdRange: readonly [number, number];
  readonly inDegreeCap: number;
  /** At the smallest and at the largest roster. */
  readonly openedMinimum: readonly [number, number];
}

/** One k and t for every roster from `minimum` to `maximum`; null where none serves. */
export function findRange(minimum: number, maximum: number, assumptions: GraphAssumptions): RangeGraph | null {
  const smallestK = findGraph(maximum, assumptions)?.degree;
  if (smallestK === undefined) return null;
  const sizes = decisiveSizes(minimum, maximum, assumptions);
  for (let degree = smallestK; degree < minimum - 1; degree++) {
    const range = commonThresholds(sizes, degree);
    if (!range) continue;
    const threshold = middleOf(range);
    const opened = (n: number) => openedMinimum(n, degree, threshold, assumptions);
    return {
      graph: 'own-choice',
      degree,
      threshold,
      thresholdRange: range,
      inDegreeCap: inDegreeCap(maximum, degree, assumptions.completion),
      openedMinimum: [opened(minimum), opened(maximum)],
    };
  }
  return null;
}

/** Sizes around the jumps of floor(gamma n) and floor(delta n), largest first: in between, nothing gets worse. */
function decisiveSizes(minimum: number, maximum: number, assumptions: GraphAssumptions): readonly Counts[] {
  const sizes: Counts[] = [];
  const differ = (a: Counts, b: Counts) => a.corrupt !== b.corrupt || a.lost !== b.lost;
  for (let n = maximum; n >= minimum; n--) {
    const [before, here, after] = [n - 1, n, n + 1].map((size) => countsOf(size, assumptions));
    if (n === minimum || n === maximum || differ(here, before) || differ(here, after)) sizes.push(here);
  }
  return sizes;
}

function commonThresholds(sizes: readonly Counts[], degree: number): readonly [number, number] | null {
  let [low, high] = [2, degree];
  for (const counts of sizes) {
    const range = thresholds(counts, degree);
    if (!range) return null;
    [low, high] = [Math.max(low, range[0]), Math.min(high, range[1])];
    if (low > high) return null;
  }
  return [low, high];
}

type ThresholdsOf = (degree: number) => readonly [number, number] | null;

/** Feasibility is monotone up to rounding: bracket by doubling, then scan the bracket. */
function smallestDegree(n: number, step: number, thresholdsOf: ThresholdsOf) {
  let [degree, last] = [8, 2];
  while (degree < n - 1 && !thresholdsOf(degree)) [last, degree] = [degree, 2 * degree];
  degree = Math.min(degree, n - 2);
  for (let k = Math.max(2, 2 * Math.floor(last / 4)); k <= degree; k += step) {
    const range = thresholdsOf(k);
    if (range) return { degree: k, range };
  }
  return null;
}

function middleOf([low, high]: readonly [number, number]): number {
  return (low + high + 1) >> 1;
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

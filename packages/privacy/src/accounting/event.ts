/** What a release spends: the mechanism, as far as its epsilon depends on it. The ledger stores events, never epsilons alone. */

/** What is assumed of who takes part. */
export type SamplingAssumption =
  /** Nothing: every user is charged for every step as if present. Add or remove one user. */
  | { readonly claim: 'none' }
  /** Each user takes part with probability `rate`, independently, unobserved by the adversary. Add or remove one user. */
  | { readonly claim: 'poisson'; readonly rate: number }
  /** `cohort` of `population` registered users, drawn uniformly by an honest coordinator, all available. Replace one user. */
  | { readonly claim: 'fixed-size'; readonly population: number; readonly cohort: number };

/**
 * A person is in so many releases of the task at most, as devices' own counters keep it, whoever asks them: whichever they are, the
 * costliest so many bound what she spends. Without, everybody is charged for every release.
 */
export interface ParticipationCap {
  /** The task whose releases are counted. */
  readonly task: string;
  readonly most: number;
}

/** Noise multiplier z: standard deviation of the noise over the L2 sensitivity of the sum to one user, add or remove. */
export type MechanismEvent =
  /** Continuous Gaussian noise on the sum. */
  | {
      readonly mechanism: 'gaussian';
      readonly noiseMultiplier: number;
      readonly sampling: SamplingAssumption;
      /** Releases of this kind, at least 1. */
      readonly steps: number;
      /** Only where no sampling is assumed. */
      readonly participation?: ParticipationCap;
    }
  /** Exact discrete Gaussian noise on a sum of integers: (1 / (2 z^2))-zCDP (Canonne, Kamath, Steinke 2020, theorem 4). */
  | {
      readonly mechanism: 'discrete-gaussian';
      readonly noiseMultiplier: number;
      readonly steps: number;
      readonly participation?: ParticipationCap;
    }
  /** Each device adds discrete Gaussian noise to its integers, under the mask (Kairouz, Liu, Steinke 2021, theorem 1). */
  | {
      readonly mechanism: 'distributed-discrete-gaussian';
      /** L2 sensitivity Delta of the sum, in steps of the grid, of all coordinates that carry noise. */
      readonly sensitivity: number;
      /** Standard deviation of one device's noise, in steps of the grid. */
      readonly localStandardDeviation: number;
      /** h, the fewest honest noises in an opened sum. */
      readonly noises: number;
      /** Coordinates that carry noise. */
      readonly dimension: number;
      readonly steps: number;
      readonly participation?: ParticipationCap;
    }
  /** Each device adds Skellam noise to its integers, under the mask (Agarwal, Kairouz, Liu 2021). */
  | {
      readonly mechanism: 'skellam';
      /** L2 and L1 sensitivity of the sum, in steps of the grid. */
      readonly sensitivity: number;
      readonly sensitivityL1: number;
      /** mu: variance of the fewest honest noises together, in steps of the grid squared. */
      readonly variance: number;
      readonly steps: number;
      readonly participation?: ParticipationCap;
    }
  /**
   * `steps` further leaves of one binary tree of prefix sums, each node with Gaussian noise (Kairouz et al. 2021); each user is in
   * one leaf of the tree at most. Leaves are counted from 1; a leaf costs only where it makes the tree higher: a power of two.
   */
  | {
      readonly mechanism: 'tree';
      readonly noiseMultiplier: number;
      readonly firstLeaf: number;
      readonly steps: number;
    };

/** The neighbouring data sets of a claim: one person more or less, or one in another's place. */
export type NeighbourRelation = 'add-remove' | 'replace';

/** Of which relation an event's epsilon is. */
export function relationOf(event: MechanismEvent): NeighbourRelation {
  return event.mechanism === 'gaussian' && event.sampling.claim === 'fixed-size' ? 'replace' : 'add-remove';
}

/** Which accountant a budget refuses by. */
export type AccountantKind = 'rdp' | 'pld';

/** What keeps an event from being accounted for, as the end of a sentence; null when nothing does. Never throws. */
export function eventProblem(event: MechanismEvent): string | null {
  return mechanismProblem(event) ?? stepsProblem(event.steps) ?? participationProblem(event);
}

function mechanismProblem(event: MechanismEvent): string | null {
  switch (event.mechanism) {
    case 'gaussian':
      return positiveProblem('noise multiplier', event.noiseMultiplier) ?? samplingProblem(event.sampling);
    case 'discrete-gaussian':
      return positiveProblem('noise multiplier', event.noiseMultiplier);
    case 'distributed-discrete-gaussian':
      return (
        positiveProblem('sensitivity', event.sensitivity) ??
        positiveProblem('local standard deviation', event.localStandardDeviation) ??
        countProblem('number of noises', event.noises) ??
        countProblem('dimension', event.dimension)
      );
    case 'skellam':
      return (
        positiveProblem('sensitivity', event.sensitivity) ??
        positiveProblem('L1 sensitivity', event.sensitivityL1) ??
        positiveProblem('variance', event.variance)
      );
    case 'tree':
      return positiveProblem('noise multiplier', event.noiseMultiplier) ?? countProblem('first leaf', event.firstLeaf);
    default:
      return 'names a mechanism that is not known here';
  }
}

function participationProblem(event: MechanismEvent): string | null {
  const cap = participationOf(event);
  if (!cap) return null;
  if (event.mechanism === 'gaussian' && event.sampling.claim !== 'none') {
    return 'caps participation and assumes sampling; expected one of the two';
  }
  return countProblem('cap on participation', cap.most);
}

/** Null where everybody is charged for every release. */
export function participationOf(event: MechanismEvent): ParticipationCap | null {
  return event.mechanism === 'tree' ? null : (event.participation ?? null);
}

function samplingProblem(sampling: SamplingAssumption): string | null {
  switch (sampling.claim) {
    case 'none':
      return null;
    case 'poisson':
      return sampling.rate > 0 && sampling.rate <= 1
        ? null
        : `has the sampling rate ${sampling.rate}; expected above 0 and at most 1`;
    case 'fixed-size':
      return (
        countProblem('population', sampling.population) ??
        countProblem('cohort', sampling.cohort) ??
        (sampling.cohort <= sampling.population
          ? null
          : `has a cohort of ${sampling.cohort}; expected at most the population of ${sampling.population}`)
      );
    default:
      return 'claims a sampling that is not known here';
  }
}

function positiveProblem(name: string, value: number): string | null {
  return value > 0 && value < Number.POSITIVE_INFINITY ? null : `has the ${name} ${value}; expected a positive number`;
}

function countProblem(name: string, value: number): string | null {
  return Number.isSafeInteger(value) && value >= 1 ? null : `has the ${name} ${value}; expected a whole number from 1`;
}

function stepsProblem(steps: number): string | null {
  return Number.isSafeInteger(steps) && steps >= 1 ? null : `has ${steps} steps; expected at least 1`;
}

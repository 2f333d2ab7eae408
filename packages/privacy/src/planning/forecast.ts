/** What a budget buys before a task is begun: noise, and the error that it brings, under each assumption about who takes part. */
import { type Accountant, createAccountant } from '../accounting/accountant.ts';
import { calibrateNoiseMultiplier } from '../accounting/calibrate.ts';
import { type AccountantKind, type MechanismEvent, type NeighbourRelation, relationOf } from '../accounting/event.ts';
import { treeEvents } from '../accounting/tree-events.ts';
import { prefixVariance } from '../dp/tree-noise.ts';

/**
 * `none`: everybody is charged for every round, or for as many as one person takes part in at most. `tree`: everybody is in one round of each tree, the largest that the population
 * allows. `poisson`: by a coin of probability cohort / population. `fixed-size`: the cohort is drawn uniformly.
 */
export const plannedAssumptions = ['none', 'tree', 'poisson', 'fixed-size'] as const;
export type PlannedAssumption = (typeof plannedAssumptions)[number];

/** Whole numbers from 1; the cohort is at most the population. */
export interface PlannedRounds {
  readonly population: number;
  /** Contributions to a round. */
  readonly cohort: number;
  readonly rounds: number;
  /** Rounds in which one person takes part at most, for `none`; all unless given. */
  readonly participations?: number;
}

export interface PlannedBudget {
  readonly epsilon: number;
  readonly delta: number;
  readonly accountant: AccountantKind;
}

export interface Forecast {
  readonly assumption: PlannedAssumption;
  readonly relation: NeighbourRelation;
  readonly noiseMultiplier: number;
  /**
   * Standard deviation of the noise on a coordinate of one round's mean contribution, in clip norms: z / cohort. Null for a tree, whose
   * rounds differ.
   */
  readonly roundNoise: number | null;
  /** The same of the mean over all rounds: what is left where every round steps alike. */
  readonly totalNoise: number;
}

/** Rounds of one tree: as many as there are cohorts in the population, so that nobody is needed twice. */
function leavesOf({ population, cohort, rounds }: PlannedRounds): number {
  return Math.min(rounds, Math.floor(population / cohort));
}

/** All that the rounds spend. @throws RangeError on a cohort larger than the population, or what is no whole number from 1 */
export function plannedEvents(
  assumption: PlannedAssumption,
  planned: PlannedRounds,
  noiseMultiplier: number,
): readonly MechanismEvent[] {
  checkRounds(planned);
  const { population, cohort, rounds: steps, participations = steps } = planned;
  switch (assumption) {
    case 'none': {
      const sampling = { claim: 'none' } as const;
      return [{ mechanism: 'gaussian', noiseMultiplier, sampling, steps: Math.min(steps, participations) }];
    }
    case 'tree':
      return treeEvents(noiseMultiplier, steps, leavesOf(planned));
    case 'poisson':
      return [
        { mechanism: 'gaussian', noiseMultiplier, sampling: { claim: 'poisson', rate: cohort / population }, steps },
      ];
    case 'fixed-size':
      return [{ mechanism: 'gaussian', noiseMultiplier, sampling: { claim: 'fixed-size', population, cohort }, steps }];
  }
}

/** The least noise within the budget. @throws RangeError on values out of range, or where no noise is enough */
export function forecast(assumption: PlannedAssumption, planned: PlannedRounds, budget: PlannedBudget): Forecast {
  checkRounds(planned);
  const events = (noiseMultiplier: number) => plannedEvents(assumption, planned, noiseMultiplier);
  const noiseMultiplier = calibrateNoiseMultiplier({ ...budget, events });
  const [first] = events(noiseMultiplier);
  return {
    assumption,
    relation: relationOf(first),
    noiseMultiplier,
    roundNoise: assumption === 'tree' ? null : noiseMultiplier / planned.cohort,
    totalNoise: totalNoiseOf(assumption, planned, noiseMultiplier),
  };
}

/** Of trees: what Honaker's estimate leaves at the end of each. */
function totalNoiseOf(assumption: PlannedAssumption, planned: PlannedRounds, noiseMultiplier: number): number {
  const { cohort, rounds } = planned;
  const variance =
    assumption === 'tree'
      ? treeEvents(noiseMultiplier, rounds, leavesOf(planned)).reduce(
          (sum, { steps }) => sum + prefixVariance(steps),
          0,
        )
      : rounds;
  return (noiseMultiplier * Math.sqrt(variance)) / (cohort * rounds);
}

/** @throws RangeError as `plannedEvents` and `Accountant` */
export function plannedEpsilon(
  assumption: PlannedAssumption,
  planned: PlannedRounds,
  { delta, accountant }: Pick<PlannedBudget, 'delta' | 'accountant'>,
  noiseMultiplier: number,
): number {
  const total: Accountant = createAccountant(accountant);
  for (const event of plannedEvents(assumption, planned, noiseMultiplier)) total.add(event);
  return total.epsilon(delta);
}

function checkRounds(planned: PlannedRounds): void {
  const problem = plannedRoundsProblem(planned);
  if (problem !== null) throw new RangeError(problem);
}

/** What keeps rounds from being planned, in a sentence or two; null where nothing does. */
export function plannedRoundsProblem(planned: PlannedRounds): string | null {
  for (const name of ['population', 'cohort', 'rounds', 'participations'] as const) {
    const value = planned[name];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1)) {
      return `${name} is ${value}; expected a whole number from 1.`;
    }
  }
  const { population, cohort, rounds, participations } = planned;
  if (cohort > population) {
    return `The cohort of ${cohort} is larger than the population of ${population}; expected at most as many.`;
  }
  if (participations !== undefined && participations * population < rounds * cohort) {
    const least = Math.ceil((rounds * cohort) / population);
    return `${population} people with ${participations} participations each are too few for ${rounds} rounds of ${cohort}; expected at least ${least} participations.`;
  }
  return null;
}

/** What more people would buy. */
import {
  forecast,
  type PlannedAssumption,
  type PlannedBudget,
  type PlannedRounds,
  plannedEpsilon,
} from './forecast.ts';

export interface Growth {
  /** How many times as many people. */
  readonly factor: number;
  readonly population: number;
  /** Where the cohort grows with them: noise within the same budget, or epsilon with the noise of today. */
  readonly cohort: number;
  readonly totalNoise: number;
  readonly epsilonAtSameNoise: number;
  /** Where the cohort stays: each person is in fewer rounds. */
  readonly sameCohort: { readonly noiseMultiplier: number; readonly totalNoise: number };
}

/** @throws RangeError as `forecast` */
export function growthOf(
  assumption: PlannedAssumption,
  planned: PlannedRounds,
  budget: PlannedBudget,
  factors: readonly number[] = [1, 2, 4, 8],
): readonly Growth[] {
  const today = forecast(assumption, planned, budget);
  return factors.map((factor) => {
    const population = planned.population * factor;
    const cohort = planned.cohort * factor;
    const grown = { ...planned, population, cohort };
    const epsilonAtSameNoise = plannedEpsilon(assumption, grown, budget, today.noiseMultiplier * factor);
    const { noiseMultiplier, totalNoise } = forecast(assumption, { ...planned, population }, budget);
    return {
      factor,
      population,
      cohort,
      // The rate is what it was, and with it the multiplier: its noise is spread over more contributions.
      totalNoise: today.totalNoise / factor,
      epsilonAtSameNoise,
      sameCohort: { noiseMultiplier, totalNoise },
    };
  });
}

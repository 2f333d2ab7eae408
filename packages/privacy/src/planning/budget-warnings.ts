/** Budgets that are allowed and promise little. */

/** Above it, e^epsilon is so large that the bound says next to nothing of one person. */
const largeEpsilon = 20;

/**
 * Sentences that say what is wrong with a budget and what to do; none for a good one.
 * @param population people whom the budget is for, or the fewest that there can be
 */
export function budgetWarnings({
  epsilon,
  delta,
  population,
}: {
  readonly epsilon: number;
  readonly delta: number;
  readonly population: number;
}): readonly string[] {
  const warnings: string[] = [];
  if (delta >= 1 / population) {
    warnings.push(
      `delta is ${delta}, at least 1 / ${population}: publishing one person's data outright would keep to it. Choose one well below, such as ${defaultDelta(population)}.`,
    );
  }
  if (epsilon > largeEpsilon) {
    warnings.push(
      `epsilon is ${epsilon}, above ${largeEpsilon}: such a bound hardly limits what can be learned of one person. Choose a smaller one, or more people.`,
    );
  }
  return warnings;
}

/** The largest power of ten that is at most a tenth of 1 / population. */
export function defaultDelta(population: number): number {
  return Number(`1e-${Math.ceil(Math.log10(10 * population) - 1e-12)}`);
}

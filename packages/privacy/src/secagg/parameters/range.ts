/** The graph of a task's rounds, whose rosters differ in size, or why there is none. */
import { countsOf, type GraphAssumptions } from './assumptions.ts';
import { findRange, fullGraph, fullRange, type RangeGraph } from './degree-and-threshold.ts';

/** Up to here everybody is everybody's neighbour: exact bounds, no graph to attack, and a wide choice of thresholds. */
export const fullGraphRoster = 200;

export type RosterPlan =
  /** Neighbours and threshold follow from the roster's real size. */
  { readonly graph: 'full' } | RangeGraph | { readonly graph: 'infeasible'; readonly explanation: string };

/** One plan for every roster from `minimum` to `maximum` devices. */
export function graphForRange(minimum: number, maximum: number, assumptions: GraphAssumptions): RosterPlan {
  if (maximum > fullGraphRoster) {
    const range = findRange(minimum, maximum, assumptions);
    // With half of the others as neighbours the full graph costs twice as much and leaves nothing to chance.
    if (range && range.degree < minimum / 2) return range;
  }
  for (let n = minimum; n <= maximum; n++) {
    if (!fullGraph(n, assumptions)) return { graph: 'infeasible', explanation: explainInfeasible(n, assumptions) };
  }
  return { graph: 'full' };
}

/** The arithmetic of a roster for which no threshold exists. */
export function explainInfeasible(n: number, assumptions: GraphAssumptions): string {
  const { corrupt, lost } = countsOf(n, assumptions);
  const [low, high] = fullRange(n, corrupt, lost);
  const percent = (fraction: number) => `${Number((100 * fraction).toFixed(2))} %`;
  return (
    `${n} devices of which ${percent(assumptions.corrupt)} may be corrupt (${corrupt}) and ${percent(assumptions.dropout)} lost (${lost}) ` +
    `need a threshold of at least ${low}, above (n - 1 + corrupt) / 2 so that nobody's two secrets can both be opened, and of at most ` +
    `${high} = n - 1 - lost so that secrets of lost devices can be: there is none. Expect fewer corrupt or lost devices ` +
    '(corrupt + 2 x lost must stay below the cohort), or enlarge the cohort.'
  );
}

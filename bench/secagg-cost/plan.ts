/** The round whose cost is told: 20 bits, a twentieth of the corrupt, a tenth that may be lost, and a twentieth that is. */
import { graphForRange, graphOf, type RosterGraph } from '@tributary/privacy';

export const bits = 20;
export const [corrupt, dropout] = [500, 1000];

export interface RoundPlan {
  readonly n: number;
  /** As a description names them: 0 and 0 for the full graph. */
  readonly degree: number;
  readonly threshold: number;
  readonly inDegreeCap: number;
  /** Smallest roster. */
  readonly minimum: number;
  /** At n devices. */
  readonly graph: RosterGraph;
  /** Mask neighbours of a device, in the mean. */
  readonly neighbours: number;
  /** Lost after they dealt shares and before they uploaded, when a loss costs the coordinator most. */
  readonly lost: number;
}

/** @throws Error where no graph is safe */
export function planOf(n: number): RoundPlan {
  const minimum = Math.ceil(0.9 * n);
  const range = graphForRange(minimum, n, { corrupt: corrupt / 1e4, dropout: dropout / 1e4 });
  if (range.graph === 'infeasible') throw new Error(range.explanation);
  const described = range.graph === 'full' ? { degree: 0, threshold: 0, inDegreeCap: n - 1 } : range;
  const graph = graphOf({ ...described, corrupt, dropout }, n);
  const neighbours = graph.full ? n - 1 : 2 * graph.degree - graph.degree ** 2 / (n - 1);
  const { degree, threshold, inDegreeCap } = described;
  return { n, degree, threshold, inDegreeCap, minimum, graph, neighbours, lost: Math.floor(n / 20) };
}

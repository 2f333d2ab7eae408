/** How often a round does what, times what it costs. */
import type { RoundPlan } from './plan.ts';
import type { GraphUnits, Units } from './units.ts';

export interface Cost {
  readonly n: number;
  readonly d: number;
  /** CPU seconds of one device that uploads, and of the coordinator. */
  readonly device: number;
  readonly server: number;
}

const maskOf = (d: number, units: Units) => units.stream + d * units.mask;

/** Cryptography and passes over vectors; putting messages together is not counted. @param d coordinates of the vector */
export function countedCost(
  { n, graph, neighbours: m, lost }: RoundPlan,
  d: number,
  units: Units,
  of: GraphUnits,
): Cost {
  const { full, degree: k } = graph;
  const uploads = n - lost;
  const drawn = full ? 0 : 1;
  const device =
    d * units.prepare +
    (m + 1) * maskOf(d, units) +
    // Two keys of its own; with each neighbour a secret for shares and one for masks.
    (2 + 2 * m) * units.agree +
    // A key for each box there and back, one for each mask.
    (2 * k + m + 1) * units.derive +
    k * units.box +
    2 * of.deal +
    // The roster, lists of those that drew it, everybody's keys, statements of uploads, acknowledgements.
    (1 + drawn * k + m + (m * uploads) / n + (k * uploads) / n) * units.verify +
    (3 + drawn) * units.sign +
    (k * units.inclusion * Math.log2(n)) / Math.log2(1000) +
    n * units.entry +
    of.check;
  const pairwise = (lost * m * uploads) / n;
  const server =
    d * uploads * units.add +
    (uploads + pairwise) * maskOf(d, units) +
    // Each key that comes is tried; each secret of a lost device gives its key again.
    (2 * n + lost + pairwise) * units.agree +
    (uploads + pairwise) * units.derive +
    // Keys; lists; statements and acknowledgements.
    ((1 + drawn) * n + 2 * uploads) * units.verify +
    n * (of.combine + units.entry + (units.proof * Math.log2(n)) / Math.log2(1000));
  return { n, d, device, server };
}

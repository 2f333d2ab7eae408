/** Neighbours: how many, how drawn, and whether they prove what a device asks for. */
import type { SecureRandom } from '../random/secure-random.ts';
import { SecureAggregationError } from './error.ts';
import { fullGraph, graphHolds, openedMinimum } from './parameters/index.ts';
import type { RosterGraph, SecureRound, SecurityPolicy } from './secure-round.ts';

const ofTenThousand = (parts: number) => parts / 10_000;

/** The graph at the roster's real size n. @throws SecureAggregationError 'graph-unsafe' where none exists */
export function graphOf(
  round: Pick<SecureRound, 'degree' | 'threshold' | 'corrupt' | 'dropout'>,
  n: number,
): RosterGraph {
  if (round.degree !== 0) {
    if (round.degree >= n) {
      throw new SecureAggregationError('graph-unsafe', `${n} devices cannot have ${round.degree} neighbours each.`);
    }
    return { full: false, degree: round.degree, threshold: round.threshold };
  }
  const full = fullGraph(n, { corrupt: ofTenThousand(round.corrupt), dropout: ofTenThousand(round.dropout) });
  if (!full) {
    throw new SecureAggregationError(
      'graph-unsafe',
      `No threshold serves ${n} devices of which ${round.corrupt / 100} % may be corrupt and ${round.dropout / 100} % lost.`,
    );
  }
  return { full: true, degree: n - 1, threshold: full.threshold };
}

/**
 * Conditions M1 and M2 at the real size with the device's own assumptions, whatever the description says.
 * @throws SecureAggregationError 'graph-unsafe', 'roster-too-small'
 */
export function checkGraph(graph: RosterGraph, n: number, policy: SecurityPolicy): void {
  if (n < policy.minimumRoster) {
    throw new SecureAggregationError(
      'roster-too-small',
      `The roster names ${n} devices; this device asks for at least ${policy.minimumRoster}.`,
    );
  }
  const { degree, threshold } = graph;
  const alpha = ofTenThousand(policy.openedFraction);
  const assumptions = { corrupt: ofTenThousand(policy.corrupt), dropout: 0, security: policy.security, alpha };
  if (!graphHolds(n, degree, threshold, assumptions)) {
    throw new SecureAggregationError(
      'graph-unsafe',
      `${degree} neighbours and a threshold of ${threshold} do not keep ${n} devices safe from ${policy.corrupt / 100} % ` +
        `of corrupt ones with ${policy.security} bits of security (conditions M1, M2).`,
    );
  }
  // That it holds proves more than alpha n already.
  if (policy.openedMinimum <= Math.floor(alpha * n) + 1) return;
  const opened = openedMinimum(n, degree, threshold, assumptions);
  if (opened < policy.openedMinimum) {
    throw new SecureAggregationError(
      'graph-unsafe',
      `A sum over ${opened} honest devices could be opened; this device asks for at least ${policy.openedMinimum}.`,
    );
  }
}

/** `degree` distinct indices of the n but `self`, uniformly, ascending. */
export function drawNeighbours(n: number, degree: number, self: number, random: SecureRandom): number[] {
  const others = Array.from({ length: n - 1 }, (_, i) => (i < self ? i : i + 1));
  for (let i = 0; i < degree; i++) {
    const j = i + uniformBelow(others.length - i, random);
    [others[i], others[j]] = [others[j], others[i]];
  }
  return others.slice(0, degree).sort((a, b) => a - b);
}

/** By rejection, so that no index is likelier than another. */
function uniformBelow(bound: number, random: SecureRandom): number {
  const limit = 2 ** 32 - (2 ** 32 % bound);
  for (;;) {
    const bytes = random.bytes(4);
    const value = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
    if (value < limit) return value % bound;
  }
}

/** What a device contributes to a round. */
import type { LocalContribution } from '../contribution.ts';
import type { History, LocalTraining, TrainingRandom } from '../recommender.ts';
import type { ImplicitAlsSpecification } from '../specification.ts';
import { latestOccurrences, recencyWeights, samplePlaces, windowsOver } from './history.ts';
import type { Kernels } from './kernels.ts';
import { localSolve } from './local-solve.ts';
import { addOuter, packedSize } from './packed-symmetric.ts';

/**
 * For each window of the history (one of everything, unless the specification says otherwise) with its vector x: rows
 * (x.v_i - 1) x and a count 1 for its items, and x x^T. The loss is the mean of (x.v_i - 1)^2 over windows and their items.
 */
export function trainLocally(
  specification: ImplicitAlsSpecification,
  kernels: Kernels,
  history: History,
  random: TrainingRandom,
): LocalTraining {
  const { dimension: d, groupScales, recency, recencyInTraining, itemCap, windows = null } = specification;
  const items = latestOccurrences(history);
  const n = items.length;
  const covered = itemCap === null ? null : samplePlaces(n, itemCap, random);
  const rowOf = covered === null || covered.length === n ? null : rowsOf(covered, n);
  const rows = new Float32Array((covered?.length ?? n) * d);
  const counts = new Float32Array(covered?.length ?? n);
  const outer = new Float32Array(packedSize(d));
  const all = windowsOver(n, windows);
  let loss = 0;
  let terms = 0;
  for (const { from, to } of all) {
    const part = items.subarray(from, to);
    const x = localSolve(
      kernels,
      specification,
      part,
      recency && recencyInTraining ? recencyWeights(part.length, recency) : null,
    );
    addOuter(outer, x, groupScales.outer);
    const residuals = kernels.residuals(part, x);
    for (let s = 0; s < residuals.length; s++) {
      const residual = residuals[s];
      loss += residual * residual;
      const row = rowOf ? rowOf[from + s] : from + s;
      if (row < 0) continue;
      counts[row] += groupScales.counts;
      const factor = groupScales.rows * residual;
      for (let i = 0, at = row * d; i < d; i++, at++) rows[at] += factor * x[i];
    }
    terms += residuals.length;
  }
  const touched = rowOf && covered ? covered.map((place) => items[place]) : items;
  return {
    contribution: layOut(specification, touched, rows, counts, outer, all.length),
    examples: n,
    loss: terms > 0 ? loss / terms : 0,
  };
}

/** For each of n places its row among the covered ones, -1 where it is not covered. */
function rowsOf(covered: Uint32Array, n: number): Int32Array {
  const rows = new Int32Array(n).fill(-1);
  for (let row = 0; row < covered.length; row++) rows[covered[row]] = row;
  return rows;
}

/** In the order of `contributionTensors`. */
function layOut(
  { itemCount, dimension: d, groupScales, windows }: ImplicitAlsSpecification,
  items: Uint32Array,
  rows: Float32Array,
  counts: Float32Array,
  outer: Float32Array,
  solves: number,
): LocalContribution {
  const afterCounts = itemCount * (d + 1);
  const end = afterCounts + outer.length;
  return {
    size: end + (windows ? 1 : 0),
    parts: [
      { kind: 'rows', offset: 0, rowSize: d, rows: items, values: rows },
      { kind: 'rows', offset: itemCount * d, rowSize: 1, rows: items, values: counts },
      { kind: 'dense', offset: afterCounts, values: outer },
      ...(windows
        ? [{ kind: 'dense' as const, offset: end, values: Float32Array.of(solves * groupScales.counts) }]
        : []),
    ],
  };
}

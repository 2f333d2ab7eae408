/** What a device contributes to a round. */
import type { ContributionPart, MultipliedRows } from '../contribution.ts';
import type { History, LocalTraining, TrainingRandom } from '../recommender.ts';
import type { ImplicitAlsSpecification } from '../specification.ts';
import { latestOccurrences, recencyWeights, samplePlaces, windowsOver } from './history.ts';
import type { Kernels } from './kernels.ts';
import { localSolve } from './local-solve.ts';
import { addOuter, packedSize } from './packed-symmetric.ts';

/**
 * For each window of the history (one of everything, unless the specification says otherwise) with its vector x: rows
 * (x.v_i - 1) x and a count 1 for its items, and x x^T. The loss is the mean of (x.v_i - 1)^2 over the items.
 */
export function trainLocally(
  specification: ImplicitAlsSpecification,
  kernels: Kernels,
  history: History,
  random: TrainingRandom,
): LocalTraining {
  const { itemCount, dimension: d, groupScales, groupClip, recency, recencyInTraining, itemCap } = specification;
  const windowLength = specification.windowLength ?? null;
  const items = latestOccurrences(history, itemCount);
  const covered = itemCap === null || items.length <= itemCap ? null : samplePlaces(items.length, itemCap, random);
  const outer = new Float32Array(packedSize(d));
  const parts: ContributionPart[] = [];
  let loss = 0;
  const windows = windowsOver(items.length, windowLength);
  for (const { from, to } of windows) {
    const part = items.subarray(from, to);
    const weights = recency && recencyInTraining ? recencyWeights(part.length, recency) : null;
    const x = localSolve(kernels, specification, part, weights);
    const residuals = kernels.residuals(part, x);
    for (let s = 0; s < residuals.length; s++) loss += residuals[s] * residuals[s];
    addOuter(outer, x, groupScales.outer);
    const vector = x.map((value) => groupScales.rows * value);
    parts.push(
      keep(
        { kind: 'multiples', group: 'rows', offset: 0, rowSize: d, rows: part, factors: residuals, vector },
        from,
        covered,
      ),
    );
  }

  const touched = covered ? covered.map((place) => items[place]) : items;
  const counts = new Float32Array(touched.length).fill(groupScales.counts);
  parts.push({ kind: 'rows', group: 'counts', offset: itemCount * d, rowSize: 1, rows: touched, values: counts });
  let size = itemCount * (d + 1);
  const append = (group: string, values: Float32Array) => {
    parts.push({ kind: 'dense', group, offset: size, values });
    size += values.length;
  };
  append('outer', outer);
  if (windowLength !== null) append('counts', Float32Array.of(windows.length * groupScales.counts));
  return {
    contribution: { size, parts, ...(groupClip ? { groupShares: { ...groupClip } } : {}) },
    examples: items.length,
    loss: items.length > 0 ? loss / items.length : 0,
  };
}

/** The rows of a window that starts at `from` whose places are covered; all of them where covered is null. */
function keep(window: MultipliedRows, from: number, covered: Uint32Array | null): MultipliedRows {
  if (covered === null) return window;
  const places = covered.map((place) => place - from).filter((place) => place < window.rows.length);
  return {
    ...window,
    rows: places.map((place) => window.rows[place]),
    factors: Float32Array.from(places, (place) => window.factors[place]),
  };
}

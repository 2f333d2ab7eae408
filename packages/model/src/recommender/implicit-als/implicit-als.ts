/**
 * `implicit-als`: the whole-data quadratic loss of implicit feedback, trained by second-order federated rounds.
 *
 * A device solves for its own vector x exactly and contributes, for its items S: residual rows (x.v_i - 1) x, a count 1 each,
 * and x x^T, which stands for all items that it did not touch. From the three sums alone the coordinator has the exact
 * gradient of the whole-data loss and a curvature with the same eigenvectors for every item.
 */
import { symmetricEigen } from '../../linear-algebra/symmetric-eigen.ts';
import { createLayout, viewOf } from '../../parameters/layout.ts';
import { seededRandom } from '../../random/seeded.ts';
import type { LocalContribution } from '../contribution.ts';
import type { BoundRecommender, History, Recommender, TrainingRandom } from '../recommender.ts';
import type { ImplicitAlsSpecification } from '../specification.ts';
import { gramian, localSolve, recencyWeights } from './local-solve.ts';

/** Eigenvalues of x x^T's sum are floored at this share of the largest: directions that no device uses barely move. */
const eigenvalueFloor = 1e-6;

export function createImplicitAls(specification: ImplicitAlsSpecification): Recommender {
  const { itemCount, dimension, groupScales } = specification;
  const layout = createLayout([{ name: 'items', shape: [itemCount, dimension] }]);
  const contributionLayout = createLayout([
    { name: 'rows', shape: [itemCount, dimension] },
    { name: 'counts', shape: [itemCount] },
    // The upper triangle of x x^T, off-diagonals times sqrt(2): the same L2 norm in half the numbers, and noise on it is
    // symmetric by construction.
    { name: 'outer', shape: [(dimension * (dimension + 1)) / 2] },
  ]);
  return {
    name: 'implicit-als',
    itemCount,
    layout,
    contributionLayout,
    initialise(seed) {
      const random = seededRandom(seed);
      const scale = specification.initialScale / Math.sqrt(dimension);
      return Float32Array.from({ length: layout.size }, () => scale * random.gaussian());
    },
    bind: (shared) => bindImplicitAls(specification, shared),
    direction(shared, round) {
      const { sum, denominator } = round;
      const rows = viewOf(contributionLayout, sum, 'rows');
      const counts = viewOf(contributionLayout, sum, 'counts');
      const outer = unpackSymmetric(viewOf(contributionLayout, sum, 'outer'), dimension, 1 / groupScales.outer);
      return newtonDirection(specification, shared, rows, counts, outer, denominator);
    },
  };
}

function bindImplicitAls(specification: ImplicitAlsSpecification, vectors: Float32Array): BoundRecommender {
  const { itemCount, dimension: d, unobservedWeight, regularisation, recency, recencyInTraining } = specification;
  const gram = gramian(vectors, d);
  const solve = (items: Uint32Array, weights: Float32Array | null) =>
    localSolve(vectors, gram, d, items, weights, unobservedWeight, regularisation);
  return {
    fitPrivateState(history) {
      const items = latestOccurrences(history);
      const weights = recency ? recencyWeights(items.length, recency) : null;
      return { vector: Float32Array.from(solve(items, weights)) };
    },
    train(history, random) {
      const all = latestOccurrences(history);
      const x = solve(all, recency && recencyInTraining ? recencyWeights(all.length, recency) : null);
      const items = capItems(all, specification.itemCap, random);
      const { contribution, loss } = contributionOf(specification, vectors, x, items);
      return { contribution, examples: all.length, loss };
    },
    score(state, out = new Float32Array(itemCount)) {
      const { vector } = state;
      for (let item = 0; item < itemCount; item++) {
        let sum = 0;
        for (let i = 0, at = item * d; i < d; i++, at++) sum += vectors[at] * vector[i];
        out[item] = sum;
      }
      return out;
    },
  };
}

function contributionOf(
  { itemCount, dimension: d, groupScales }: ImplicitAlsSpecification,
  vectors: Float32Array,
  x: Float64Array,
  items: Uint32Array,
): { contribution: LocalContribution; loss: number } {
  const rows = new Float32Array(items.length * d);
  let loss = 0;
  for (let s = 0; s < items.length; s++) {
    const at = items[s] * d;
    let score = 0;
    for (let i = 0; i < d; i++) score += x[i] * vectors[at + i];
    const residual = score - 1;
    loss += residual * residual;
    for (let i = 0; i < d; i++) rows[s * d + i] = groupScales.rows * residual * x[i];
  }
  const size = itemCount * d + itemCount + (d * (d + 1)) / 2;
  return {
    loss: items.length > 0 ? loss / items.length : 0,
    contribution: {
      size,
      parts: [
        { kind: 'rows', offset: 0, rowSize: d, rows: items, values: rows },
        {
          kind: 'rows',
          offset: itemCount * d,
          rowSize: 1,
          rows: items,
          values: new Float32Array(items.length).fill(groupScales.counts),
        },
        { kind: 'dense', offset: itemCount * (d + 1), values: packOuter(x, d, groupScales.outer) },
      ],
    },
  };
}

/**
 * The damped quasi-Newton step before damping: minus the whole-data gradient g + a0 V H + reg V over the curvature
 * (a0 + c_i / n) H + reg_i, in H's eigenbasis. Homogeneous of degree one in (g, c, H, n), so a cohort stands for the whole.
 */
function newtonDirection(
  { itemCount, dimension: d, unobservedWeight: a0, regularisation, groupScales }: ImplicitAlsSpecification,
  vectors: Float32Array,
  rows: Float32Array,
  counts: Float32Array,
  outer: Float64Array,
  users: number,
): Float32Array {
  const { values, vectors: basis } = symmetricEigen(outer, d);
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  const eigenvalues = values.map((value) => Math.max(value, largest * eigenvalueFloor));
  const direction = new Float32Array(itemCount * d);
  const gradient = new Float64Array(d);
  const rotated = new Float64Array(d);
  for (let item = 0; item < itemCount; item++) {
    const at = item * d;
    const count = Math.max(0, counts[item] / groupScales.counts);
    const ridge = regularisation * (count + a0 * users);
    for (let i = 0; i < d; i++) {
      let towards = 0;
      for (let j = 0; j < d; j++) towards += outer[i * d + j] * vectors[at + j];
      gradient[i] = rows[at + i] / groupScales.rows + a0 * towards + ridge * vectors[at + i];
    }
    for (let j = 0; j < d; j++) {
      let sum = 0;
      for (let i = 0; i < d; i++) sum += gradient[i] * basis[i * d + j];
      rotated[j] = sum / ((a0 + count / users) * eigenvalues[j] + ridge);
    }
    for (let i = 0; i < d; i++) {
      let sum = 0;
      for (let j = 0; j < d; j++) sum += basis[i * d + j] * rotated[j];
      direction[at + i] = -sum;
    }
  }
  return direction;
}

/** Upper triangle of factor * x x^T, off-diagonals times sqrt(2). */
function packOuter(x: Float64Array, d: number, factor: number): Float32Array {
  const packed = new Float32Array((d * (d + 1)) / 2);
  for (let i = 0, at = 0; i < d; i++) {
    for (let j = i; j < d; j++, at++) packed[at] = factor * x[i] * x[j] * (i === j ? 1 : Math.SQRT2);
  }
  return packed;
}

/** The full symmetric matrix [d * d] of a packed triangle, times factor. */
export function unpackSymmetric(packed: Float32Array, d: number, factor: number): Float64Array {
  const full = new Float64Array(d * d);
  for (let i = 0, at = 0; i < d; i++) {
    for (let j = i; j < d; j++, at++) {
      const value = factor * packed[at] * (i === j ? 1 : Math.SQRT1_2);
      full[i * d + j] = value;
      full[j * d + i] = value;
    }
  }
  return full;
}

/** Distinct items, each at its latest place. */
function latestOccurrences({ items }: History): Uint32Array {
  const distinct = new Set<number>();
  for (let i = items.length - 1; i >= 0; i--) distinct.add(items[i]);
  return distinct.size === items.length ? items : Uint32Array.from(distinct).reverse();
}

/** A uniform sample of at most `cap` items. */
function capItems(items: Uint32Array, cap: number | null, random: TrainingRandom): Uint32Array {
  if (cap === null || items.length <= cap) return items;
  const pool = items.slice();
  for (let i = 0; i < cap; i++) {
    const j = i + random.below(pool.length - i);
    [pool[i], pool[j]] = [pool[j], pool[i]];
  }
  return pool.slice(0, cap);
}

import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../random/seeded.ts';
import { matrixFactorisationModel } from '../matrix-factorisation/matrix-factorisation.ts';
import { neuMfModel } from '../neumf/neumf.ts';
import { splitShared } from './model.ts';
import { fitPrivateVector } from './private-fit.ts';

const local = {
  epochs: 1,
  reconstructionEpochs: 4,
  batchSize: 16,
  learningRate: 0.1,
  privateLearningRate: 1,
  negativesPerPositive: 4,
  regularisation: 0.01,
};
const itemCount = 120;
const dimension = 5;
const model = matrixFactorisationModel({
  kind: 'matrix-factorisation',
  itemCount,
  dimension,
  initialScale: 2,
  local,
  backend: 'fused',
});
const shared = model.initialise(3);
const { tables, dense } = splitShared(model, shared);
/** The 25 items that lie furthest along one direction: a person with a taste. */
const positives = Uint32Array.from({ length: itemCount }, (_, item) => item)
  .toSorted((a, b) => tables[0][b * dimension] - tables[0][a * dimension])
  .subarray(0, 25);

/** Expected loss per example over all draws of negatives: the objective that the fit's sampled passes stand for. */
function expectedLoss(vectors: Float32Array, user: ArrayLike<number>): number {
  const own = new Set(positives);
  let loss = 0;
  for (let item = 0; item < itemCount; item++) {
    let score = 0;
    for (let k = 0; k < dimension; k++) score += user[k] * vectors[item * dimension + k];
    const share = local.negativesPerPositive / (itemCount - own.size);
    loss += own.has(item) ? Math.log1p(Math.exp(-score)) / own.size : share * Math.log1p(Math.exp(score));
  }
  const norm = Array.from(user).reduce((sum, x) => sum + x * x, 0);
  return loss / (1 + local.negativesPerPositive) + (local.regularisation / 2) * norm;
}

/** Minimum of a convex function by ternary search along one coordinate after the other: slow, and nothing like the fit. */
function minimise(lossOf: (user: number[]) => number): number {
  const user = Array.from({ length: dimension }, () => 0);
  for (let sweep = 0; sweep < 60; sweep++) {
    for (let k = 0; k < dimension; k++) {
      const at = (x: number) => lossOf(user.map((value, j) => (j === k ? x : value)));
      let [low, high] = [-10, 10];
      for (let step = 0; step < 60; step++) {
        const [left, right] = [low + (high - low) / 3, high - (high - low) / 3];
        if (at(left) < at(right)) high = right;
        else low = left;
      }
      user[k] = (low + high) / 2;
    }
  }
  return lossOf(user);
}

describe('the private fit', () => {
  const scorer = model.freeze(tables, dense);

  it('comes within 5 % of what the best vector gains over none', () => {
    const nothing = expectedLoss(tables[0], new Float32Array(dimension));
    const best = minimise((user) => expectedLoss(tables[0], user));
    for (const seed of [1, 2, 3]) {
      const vector = fitPrivateVector(model, scorer, positives, seededRandom(seed));
      expect((expectedLoss(tables[0], vector) - best) / (nothing - best)).toBeLessThan(0.05);
    }
  });

  it('is the same for the same random numbers', () => {
    const fit = (seed: number) => fitPrivateVector(model, scorer, positives, seededRandom(seed));
    expect(fit(4)).toEqual(fit(4));
    expect(fit(4)).not.toEqual(fit(5));
  });

  it('moves both of the user vectors of NeuMF', () => {
    const neuMf = neuMfModel({
      kind: 'neumf',
      itemCount,
      dimension: 3,
      mlpDimension: 2,
      hiddenLayers: [8, 4],
      initialScale: 2,
      local,
      backend: 'fused',
    });
    const parts = splitShared(neuMf, neuMf.initialise(1));
    const vector = fitPrivateVector(neuMf, neuMf.freeze(parts.tables, parts.dense), positives, seededRandom(1));
    expect(vector).toHaveLength(5);
    for (const value of vector) expect(value).not.toBe(0);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../random/seeded.ts';
import { matrixFactorisationModel } from '../matrix-factorisation/matrix-factorisation.ts';
import { neuMfModel } from '../neumf/neumf.ts';
import { type LocalSgdModel, splitShared } from './model.ts';

const local = {
  epochs: 1,
  reconstructionEpochs: 1,
  batchSize: 8,
  learningRate: 1,
  privateLearningRate: 1,
  negativesPerPositive: 1,
  regularisation: 0,
};
const width = fc.integer({ min: 1, max: 7 });
const models = fc.oneof(
  width.map((dimension) =>
    matrixFactorisationModel({
      kind: 'matrix-factorisation',
      itemCount: 6,
      dimension,
      initialScale: 1,
      local,
      backend: 'fused',
    }),
  ),
  fc
    .tuple(width, width, fc.array(width, { minLength: 1, maxLength: 3 }))
    .map(([dimension, mlpDimension, hiddenLayers]) =>
      neuMfModel({
        kind: 'neumf',
        itemCount: 6,
        dimension,
        mlpDimension,
        hiddenLayers,
        initialScale: 1,
        local,
        backend: 'fused',
      }),
    ),
);

/** The score as the papers write it, one item at a time, in float64. */
function naiveScore(model: LocalSgdModel, shared: Float32Array, user: Float32Array, item: number): number {
  const { tables, dense } = splitShared(model, shared);
  const row = (t: number) => {
    const size = model.tableWidths[t];
    return Array.from(tables[t].subarray(item * size, (item + 1) * size));
  };
  const inner = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, x, k) => sum + x * b[k], 0);
  if (model.architecture.kind === 'matrix-factorisation') return inner(user, row(0)) + row(1)[0];
  const { dimension, hiddenLayers } = model.architecture;
  let activation = [...user.subarray(dimension), ...row(1)];
  hiddenLayers.forEach((outputs, layer) => {
    const inputs = activation;
    const weights = dense[2 * layer];
    activation = Array.from({ length: outputs }, (_, j) =>
      Math.max(
        0,
        dense[2 * layer + 1][j] + inner(weights.subarray(j * inputs.length, (j + 1) * inputs.length), inputs),
      ),
    );
  });
  const gmf = row(0).map((v, k) => v * user[k]);
  return inner(dense[dense.length - 2], [...gmf, ...activation]) + dense[dense.length - 1][0];
}

function randomised(model: LocalSgdModel, seed: number) {
  const random = seededRandom(seed);
  const shared = model.initialise(seed).map((value) => value + 0.3 * random.gaussian());
  const user = Float32Array.from({ length: model.privateSize }, () => random.gaussian());
  const { tables, dense } = splitShared(model, shared);
  return { shared, user, scorer: model.freeze(tables, dense) };
}

describe('a frozen shared part', () => {
  it('scores every item as the formula does', () => {
    fc.assert(
      fc.property(models, fc.nat(1000), (model, seed) => {
        const { shared, user, scorer } = randomised(model, seed);
        const scores = new Float32Array(6);
        scorer.score(user, scores);
        scores.forEach((score, item) => {
          expect(score).toBeCloseTo(naiveScore(model, shared, user, item), 4);
        });
      }),
    );
  });

  it('gives the gradient of the cross-entropy that finite differences of the formula give', () => {
    fc.assert(
      fc.property(models, fc.nat(1000), (model, seed) => {
        const { shared, user, scorer } = randomised(model, seed);
        const slots = Uint32Array.of(5, 0, 3, 0, 2);
        const labels = Float32Array.of(1, 0, 1, 0, 0);
        const entropy = (vector: Float32Array) =>
          slots.reduce((sum, slot, e) => {
            const score = naiveScore(model, shared, vector, slot);
            return sum + Math.log1p(Math.exp(-score)) + (labels[e] === 1 ? 0 : score);
          }, 0);
        const gradient = new Float32Array(model.privateSize);
        scorer.addGradient(user, slots, labels, 0, slots.length, gradient);
        // Where a rectifier bends within the step the difference is no derivative; both sides then bound it.
        const step = 2 ** -9;
        gradient.forEach((value, k) => {
          const at = (by: number) => entropy(user.map((x, i) => (i === k ? x + by : x)));
          const right = (at(step) - at(0)) / step;
          const left = (at(0) - at(-step)) / step;
          expect(value).toBeGreaterThan(Math.min(left, right) - 0.02);
          expect(value).toBeLessThan(Math.max(left, right) + 0.02);
        });
      }),
    );
  });
});

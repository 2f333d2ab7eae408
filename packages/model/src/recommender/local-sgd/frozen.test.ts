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

/** The score as the papers write it, one item at a time, in float64; and which rectifiers are open. */
function naiveScore(
  model: LocalSgdModel,
  shared: Float32Array,
  user: ArrayLike<number>,
  item: number,
): { readonly score: number; readonly open: string } {
  const { tables, dense } = splitShared(model, shared);
  const row = (t: number) => {
    const size = model.tableWidths[t];
    return Array.from(tables[t].subarray(item * size, (item + 1) * size));
  };
  const inner = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, x, k) => sum + x * b[k], 0);
  if (model.architecture.kind === 'matrix-factorisation') return { score: inner(user, row(0)) + row(1)[0], open: '' };
  const { dimension, hiddenLayers } = model.architecture;
  let open = '';
  let activation = [...Array.from(user).slice(dimension), ...row(1)];
  hiddenLayers.forEach((outputs, layer) => {
    const inputs = activation;
    const weights = dense[2 * layer];
    activation = Array.from({ length: outputs }, (_, j) => {
      const own = weights.subarray(j * inputs.length, (j + 1) * inputs.length);
      const sum = dense[2 * layer + 1][j] + inner(own, inputs);
      open += sum > 0 ? '1' : '0';
      return Math.max(0, sum);
    });
  });
  const gmf = row(0).map((v, k) => v * user[k]);
  const score = inner(dense[dense.length - 2], [...gmf, ...activation]) + dense[dense.length - 1][0];
  return { score, open };
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
          expect(score).toBeCloseTo(naiveScore(model, shared, user, item).score, 4);
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
        const entropyAt = (vector: readonly number[]) => {
          const scored = Array.from(slots, (slot) => naiveScore(model, shared, vector, slot));
          const entropy = scored.reduce(
            (sum, { score }, e) => sum + Math.log1p(Math.exp(-score)) + (labels[e] === 1 ? 0 : score),
            0,
          );
          return { entropy, open: scored.map(({ open }) => open).join() };
        };
        const gradient = new Float32Array(model.privateSize);
        scorer.addGradient(user, slots, labels, 0, slots.length, gradient);
        const step = 1e-5;
        gradient.forEach((value, k) => {
          const at = (by: number) => entropyAt(Array.from(user, (x, i) => (i === k ? x + by : x)));
          const [right, left] = [at(step), at(-step)];
          // Where a rectifier bends within the step the difference is no derivative.
          if (right.open !== left.open) return;
          const difference = (right.entropy - left.entropy) / (2 * step);
          expect(Math.abs(value - difference)).toBeLessThan(2e-3 * Math.max(1, Math.abs(difference)));
        });
      }),
    );
  });
});

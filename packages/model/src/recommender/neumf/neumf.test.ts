import { describe, expect, it } from 'vitest';
import { viewOf } from '../../parameters/layout.ts';
import type { NeuMfSpecification } from '../specification.ts';
import { createNeuMf } from './neumf.ts';

const specification: NeuMfSpecification = {
  kind: 'neumf',
  itemCount: 300,
  dimension: 8,
  mlpDimension: 32,
  hiddenLayers: [32, 16, 8],
  initialScale: 0.2,
  local: {
    epochs: 1,
    reconstructionEpochs: 1,
    batchSize: 8,
    learningRate: 0.1,
    privateLearningRate: 0.1,
    negativesPerPositive: 1,
    regularisation: 0,
  },
  backend: 'fused',
};
const recommender = createNeuMf(specification);

describe('NeuMF', () => {
  it('has the tensors of He et al. for 8 predictive factors: a tower 64-32-16-8 beside 8 GMF factors', () => {
    expect(recommender.layout.tensors.map(({ name, shape }) => [name, shape])).toEqual([
      ['item-gmf', [300, 8]],
      ['item-mlp', [300, 32]],
      ['hidden-1.weights', [32, 64]],
      ['hidden-1.biases', [32]],
      ['hidden-2.weights', [16, 32]],
      ['hidden-2.biases', [16]],
      ['hidden-3.weights', [8, 16]],
      ['hidden-3.biases', [8]],
      ['output.weights', [16]],
      ['output.bias', [1]],
    ]);
  });

  it('starts with rectified layers that keep the scale of what passes through them', () => {
    const weights = viewOf(recommender.layout, recommender.initialise(3), 'hidden-1.weights');
    const variance = weights.reduce((sum, x) => sum + x * x, 0) / weights.length;
    // 2,048 draws: the standard error of a variance of 2 / 64 is 3 %.
    expect(Math.abs(variance / (2 / 64) - 1)).toBeLessThan(0.12);
  });

  it('is plain matrix factorisation where the last layer looks at the GMF branch alone', () => {
    const shared = recommender.initialise(3);
    viewOf(recommender.layout, shared, 'output.weights').fill(0, 8);
    const vector = Float32Array.from({ length: 40 }, (_, k) => Math.sin(k));
    const scores = recommender.bind(shared).score({ vector });
    const rows = viewOf(recommender.layout, shared, 'item-gmf');
    scores.forEach((score, item) => {
      let expected = 0;
      for (let k = 0; k < 8; k++) expected += vector[k] * rows[item * 8 + k];
      expect(score).toBeCloseTo(expected, 5);
    });
  });

  it('depends on the MLP vectors of user and item otherwise', () => {
    const bound = recommender.bind(recommender.initialise(3));
    const vector = new Float32Array(40);
    const scores = bound.score({ vector });
    expect(new Set(scores).size).toBeGreaterThan(100);
    expect(bound.score({ vector: vector.fill(1, 8) })).not.toEqual(scores);
  });
});

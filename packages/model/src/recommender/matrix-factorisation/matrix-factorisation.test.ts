import { describe, expect, it } from 'vitest';
import { viewOf } from '../../parameters/layout.ts';
import type { MatrixFactorisationSpecification } from '../specification.ts';
import { fusedMatrixFactorisation } from './fused.ts';
import { createMatrixFactorisation } from './matrix-factorisation.ts';

const specification: MatrixFactorisationSpecification = {
  kind: 'matrix-factorisation',
  itemCount: 500,
  dimension: 16,
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

describe('matrix factorisation', () => {
  it('shares item vectors and item biases, and starts vectors at the asked scale with biases of zero', () => {
    const { layout, initialise } = createMatrixFactorisation(specification);
    expect(layout.tensors.map(({ name, shape }) => [name, shape])).toEqual([
      ['item-vectors', [500, 16]],
      ['item-biases', [500]],
    ]);
    const shared = initialise(7);
    const vectors = viewOf(layout, shared, 'item-vectors');
    const deviation = Math.sqrt(vectors.reduce((sum, x) => sum + x * x, 0) / vectors.length);
    // 8,000 draws: the standard error of a deviation of 0.05 is 0.0004.
    expect(Math.abs(deviation - 0.2 / Math.sqrt(16))).toBeLessThan(0.0016);
    expect(viewOf(layout, shared, 'item-biases').every((bias) => bias === 0)).toBe(true);
    expect(initialise(7)).toEqual(shared);
    expect(initialise(8)).not.toEqual(shared);
  });

  it('takes the step that one computes by hand', () => {
    // u = (1, 2), v = (0.5, -0.25), b = log 3: u.v = 0, so the logit is log 3, its sigmoid 0.75, and the error of a negative 0.75.
    const parameters = {
      tables: [Float32Array.of(0.5, -0.25), Float32Array.of(Math.log(3))],
      dense: [],
      privateVector: Float32Array.of(1, 2),
    };
    const steps = { batchSize: 4, learningRate: 0.1, privateLearningRate: 0.2, regularisation: 0.1 };
    const pass = { moves: 'all', slots: Uint32Array.of(0), labels: Float32Array.of(0) } as const;
    const loss = fusedMatrixFactorisation(2).run(parameters, [pass], steps);
    expect(loss).toBeCloseTo(Math.log(4), 6);
    const [vectors, biases] = parameters.tables;
    expect(vectors[0]).toBeCloseTo(0.5 - 0.1 * (0.75 * 1 + 0.1 * 0.5), 6);
    expect(vectors[1]).toBeCloseTo(-0.25 - 0.1 * (0.75 * 2 - 0.1 * 0.25), 6);
    expect(biases[0]).toBeCloseTo(Math.log(3) - 0.1 * (0.75 + 0.1 * Math.log(3)), 6);
    expect(parameters.privateVector[0]).toBeCloseTo(1 - 0.2 * (0.75 * 0.5 + 0.1 * 1), 6);
    expect(parameters.privateVector[1]).toBeCloseTo(2 - 0.2 * (0.75 * -0.25 + 0.1 * 2), 6);
  });

  it('sums the gradients of an item that occurs twice in a minibatch', () => {
    const start = () => ({
      tables: [Float32Array.of(0.5, -0.25), Float32Array.of(0)],
      dense: [],
      privateVector: Float32Array.of(1, 2),
    });
    const steps = { batchSize: 2, learningRate: 0.3, privateLearningRate: 0.3, regularisation: 0.05 };
    const run = (slots: number[]) => {
      const parameters = start();
      const pass = { moves: 'all', slots: Uint32Array.from(slots), labels: new Float32Array(slots.length) } as const;
      fusedMatrixFactorisation(2).run(parameters, [pass], steps);
      return parameters;
    };
    // The mean over two equal examples is the one example.
    const twice = run([0, 0]);
    const once = run([0]);
    twice.tables[0].forEach((value, k) => {
      expect(value).toBeCloseTo(once.tables[0][k], 6);
    });
    expect(twice.tables[1][0]).toBeCloseTo(once.tables[1][0], 6);
    expect(twice.privateVector[0]).toBeCloseTo(once.privateVector[0], 6);
  });
});

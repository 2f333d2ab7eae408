import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random/seeded.ts';
import type { Architecture, LocalParameters, Pass } from '../recommender/local-sgd/backend.ts';
import { fusedMatrixFactorisation } from '../recommender/matrix-factorisation/fused.ts';
import { fusedNeuMf } from '../recommender/neumf/fused.ts';
import { createTfjsBackend } from './backend.ts';
import { tensorShapes } from './score.ts';

const sizeOf = (shape: readonly number[]) => shape.reduce((size, dimension) => size * dimension, 1);

function randomParameters(architecture: Architecture, slots: number, seed: number): LocalParameters {
  const random = seededRandom(seed);
  const draw = (size: number) => Float32Array.from({ length: size }, () => 0.5 * random.gaussian());
  const { tables, dense } = tensorShapes(architecture, slots);
  const own = architecture.dimension + (architecture.kind === 'neumf' ? architecture.mlpDimension : 0);
  return {
    tables: tables.map((shape) => draw(sizeOf(shape))),
    dense: dense.map((shape) => draw(sizeOf(shape))),
    privateVector: draw(own),
  };
}

function randomPasses(slots: number, examples: number, moves: readonly Pass['moves'][], seed: number): Pass[] {
  const random = seededRandom(seed, 1);
  return moves.map((which) => ({
    moves: which,
    slots: Uint32Array.from({ length: examples }, () => random.below(slots)),
    labels: Float32Array.from({ length: examples }, () => random.below(2)),
  }));
}

const copyOf = ({ tables, dense, privateVector }: LocalParameters): LocalParameters => ({
  tables: tables.map((values) => values.slice()),
  dense: dense.map((values) => values.slice()),
  privateVector: privateVector.slice(),
});

const flatOf = ({ tables, dense, privateVector }: LocalParameters) =>
  [...tables, ...dense, privateVector].flatMap((values) => Array.from(values));

function fusedBackend(architecture: Architecture) {
  return architecture.kind === 'neumf' ? fusedNeuMf(architecture) : fusedMatrixFactorisation(architecture.dimension);
}

const width = fc.integer({ min: 1, max: 9 });
const matrixFactorisation = fc.record({ kind: fc.constant('matrix-factorisation' as const), dimension: width });
const neuMf = fc.record({
  kind: fc.constant('neumf' as const),
  dimension: width,
  mlpDimension: width,
  hiddenLayers: fc.array(width, { minLength: 1, maxLength: 3 }),
});
const setting = fc.record({
  slots: fc.integer({ min: 1, max: 8 }),
  examples: fc.integer({ min: 1, max: 20 }),
  moves: fc.array(fc.constantFrom('private' as const, 'all' as const), { minLength: 1, maxLength: 3 }),
  batchSize: fc.integer({ min: 1, max: 12 }),
  learningRate: fc.double({ min: 0.01, max: 0.2, noNaN: true }),
  privateLearningRate: fc.double({ min: 0.01, max: 0.2, noNaN: true }),
  regularisation: fc.constantFrom(0, 0.01, 0.3),
  seed: fc.integer({ min: 0, max: 1e6 }),
});

describe.each([
  ['matrix-factorisation', matrixFactorisation],
  ['neumf', neuMf],
] as const)('local step of %s', (_, architectures) => {
  it('moves every parameter by fused kernels as by autograd, to 1e-4, and reports the same loss', () => {
    fc.assert(
      fc.property(architectures as fc.Arbitrary<Architecture>, setting, (architecture, { seed, ...rest }) => {
        const start = randomParameters(architecture, rest.slots, seed);
        const passes = randomPasses(rest.slots, rest.examples, rest.moves, seed);
        const byFused = copyOf(start);
        const byAutograd = copyOf(start);
        const fusedLoss = fusedBackend(architecture).run(byFused, passes, rest);
        const autogradLoss = createTfjsBackend(architecture).run(byAutograd, passes, rest);
        expect(Math.abs(fusedLoss - autogradLoss)).toBeLessThan(1e-4);
        const expected = flatOf(byAutograd);
        flatOf(byFused).forEach((value, i) => {
          expect(Math.abs(value - expected[i])).toBeLessThan(1e-4);
        });
        expect(flatOf(byFused)).not.toEqual(flatOf(start));
      }),
      { numRuns: 40, seed: 20 },
    );
  });
});

describe('tfjs backend', () => {
  it('leaves no tensor behind', () => {
    const architecture: Architecture = { kind: 'neumf', dimension: 4, mlpDimension: 3, hiddenLayers: [5, 2] };
    const steps = { batchSize: 4, learningRate: 0.1, privateLearningRate: 0.1, regularisation: 0.01 };
    const before = tf.memory().numTensors;
    createTfjsBackend(architecture).run(
      randomParameters(architecture, 6, 1),
      randomPasses(6, 10, ['private', 'all'], 1),
      steps,
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  it('leaves shared parameters as they are while only the private vector moves', () => {
    const architecture: Architecture = { kind: 'neumf', dimension: 4, mlpDimension: 3, hiddenLayers: [5] };
    const steps = { batchSize: 4, learningRate: 0.1, privateLearningRate: 0.1, regularisation: 0.01 };
    for (const backend of [createTfjsBackend(architecture), fusedBackend(architecture)]) {
      const start = randomParameters(architecture, 6, 2);
      const moved = copyOf(start);
      expect(backend.run(moved, randomPasses(6, 10, ['private'], 2), steps)).toBe(0);
      expect(moved.tables).toEqual(start.tables);
      expect(moved.dense).toEqual(start.dense);
      expect(moved.privateVector).not.toEqual(start.privateVector);
    }
  });
});

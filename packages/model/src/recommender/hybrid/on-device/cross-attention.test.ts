import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../random/seeded.ts';
import { crossEntropy } from '../../local-sgd/logistic.ts';
import { crossAttentionBackend, freezeCrossAttention } from './cross-attention.ts';

const width = 3;
const slots = 6;

/** The logit, written out. */
function logit(user: number[], z: number[], bias: number, beta: number, keys: number[][]): number {
  const scores = keys.map((key) => key.reduce((sum, value, k) => sum + value * z[k], 0));
  const weights = scores.map((score) => Math.exp(beta * score));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const attended = total === 0 ? 0 : scores.reduce((sum, score, j) => sum + (weights[j] / total) * score, 0);
  return bias + user.reduce((sum, value, k) => sum + value * z[k], 0) + attended;
}

function drawn(seed: number) {
  const random = seededRandom(seed);
  const draw = (size: number) => Float32Array.from({ length: size }, () => random.gaussian());
  const vectors = draw(slots * width);
  const keyRows = Uint32Array.from([0, 1, 2]);
  return {
    vectors,
    biases: draw(slots),
    beta: Float32Array.of(0.5 + random.next()),
    user: draw(width),
    keys: { rows: keyRows, vectors: vectors.slice(0, 3 * width) },
  };
}

const rowOf = (values: Float32Array, row: number) => Array.from(values.subarray(row * width, (row + 1) * width));

describe('cross-attention', () => {
  it('scores as its formula says, and no item by itself', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const { vectors, biases, beta, user, keys } = drawn(seed);
        const scores = new Float32Array(slots);
        freezeCrossAttention(width, [vectors, biases], [beta], keys).score(user, scores);
        for (let slot = 0; slot < slots; slot++) {
          const others = [0, 1, 2].filter((key) => key !== slot).map((key) => rowOf(keys.vectors, key));
          const expected = logit(Array.from(user), rowOf(vectors, slot), biases[slot], beta[0], others);
          expect(scores[slot]).toBeCloseTo(expected, 3);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('scores without a history as a dot product', () => {
    const { vectors, biases, beta, user } = drawn(7);
    const none = { rows: new Uint32Array(0), vectors: new Float32Array(0) };
    const scores = new Float32Array(slots);
    freezeCrossAttention(width, [vectors, biases], [beta], none).score(user, scores);
    expect(scores[4]).toBeCloseTo(biases[4] + rowOf(vectors, 4).reduce((sum, value, k) => sum + value * user[k], 0), 5);
  });

  it('steps down the gradient of its loss: finite differences of every parameter agree', () => {
    const { vectors, biases, beta, user, keys } = drawn(3);
    const passSlots = Uint32Array.from([0, 4, 2, 5]);
    const labels = Float32Array.from([1, 0, 1, 0]);
    const loss = (z: Float32Array, b: Float32Array, sharp: Float32Array, u: Float32Array) =>
      Array.from(passSlots).reduce((sum, slot, e) => {
        const others = [0, 1, 2].filter((key) => key !== slot).map((key) => rowOf(keys.vectors, key));
        return sum + crossEntropy(logit(Array.from(u), rowOf(z, slot), b[slot], sharp[0], others), labels[e]) / 4;
      }, 0);
    const start = [vectors, biases, beta, user];
    const [z, b, sharp, u] = start.map((values) => values.slice());
    const rate = 1e-2;
    crossAttentionBackend(width, keys).run(
      { tables: [z, b], dense: [sharp], privateVector: u },
      [{ moves: 'all', slots: passSlots, labels }],
      { batchSize: 4, learningRate: rate, privateLearningRate: rate, regularisation: 0 },
    );
    [z, b, sharp, u].forEach((moved, which) => {
      moved.forEach((value, at) => {
        const difference = (by: number) => {
          const copies = start.map((values) => values.slice());
          copies[which][at] += by;
          return loss(copies[0], copies[1], copies[2], copies[3]);
        };
        const gradient = (difference(1e-2) - difference(-1e-2)) / 2e-2;
        expect((start[which][at] - value) / rate).toBeCloseTo(gradient, 2);
      });
    });
  });
});

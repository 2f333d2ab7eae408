import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Interactions } from '../../data/dataset.ts';
import { seededRandom } from '../../random/seeded.ts';
import { accumulateContribution, scatterContribution } from '../contribution.ts';
import type { Recommender } from '../recommender.ts';
import type { ImplicitAlsSpecification } from '../specification.ts';
import { trainCentralImplicitAls } from './central.ts';
import { recencyWeights, windowsOver } from './history.ts';
import { createImplicitAls } from './implicit-als.ts';
import { unpackSymmetric } from './packed-symmetric.ts';
import { plainKernels } from './plain-kernels.ts';
import { simdKernels } from './simd-kernels.ts';

interface GoldenRound {
  readonly user_vectors: number[][];
  readonly g: number[][];
  readonly counts: number[];
  readonly H: number[][];
  readonly V: number[][];
}
/** Made by test/golden/implicit_als_prototype.py --golden: two rounds on 6 items, 4 users, d = 2, in float64. */
const golden = JSON.parse(
  readFileSync(new URL('../../../../../test/golden/implicit-als.json', import.meta.url), 'utf8'),
) as {
  readonly a0: number;
  readonly lam: number;
  readonly step: number;
  readonly rounds: GoldenRound[];
  readonly recency_vector_of_user_1: number[];
};
const start = [0.5, 0.1, 0.2, 0.4, -0.3, 0.6, 0.1, -0.2, 0.7, 0.3, -0.4, -0.1];
const histories = [[0, 1], [1, 2, 4], [3], [0, 4, 5]].map((items) => ({ items: Uint32Array.from(items) }));
const specification: ImplicitAlsSpecification = {
  kind: 'implicit-als',
  itemCount: 6,
  dimension: 2,
  unobservedWeight: golden.a0,
  regularisation: golden.lam,
  initialScale: 0.1,
  recency: null,
  recencyInTraining: false,
  itemCap: null,
  groupScales: { rows: 1, counts: 0.1, outer: 0.5 },
};

function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(actual[i]).toBeCloseTo(expected[i], 4);
}

/** The dense sum of everybody's contribution. */
function sumOf(recommender: Recommender, vectors: Float32Array, of = histories): Float32Array {
  const bound = recommender.bind(vectors);
  const sum = new Float32Array(recommender.contributionLayout.size);
  for (const history of of) accumulateContribution(bound.train(history, seededRandom(1)).contribution, 1, sum);
  return sum;
}

describe.each([
  ['SIMD kernels', simdKernels() ?? plainKernels],
  ['plain kernels', plainKernels],
])('implicit-als with %s', (_, kernels) => {
  it('goes through the two rounds of the NumPy prototype, value by value', () => {
    const recommender = createImplicitAls(specification, { kernels });
    let vectors = Float32Array.from(start);
    for (const round of golden.rounds) {
      const bound = recommender.bind(vectors);
      histories.forEach((history, user) => {
        expectClose(bound.fitPrivateState(history, seededRandom(1)).vector, round.user_vectors[user]);
      });
      const sum = sumOf(recommender, vectors);
      expectClose(sum.subarray(0, 12), round.g.flat());
      expectClose(
        sum.subarray(12, 18).map((c) => c / 0.1),
        round.counts,
      );
      expectClose(unpackSymmetric(sum.subarray(18), 2, 1 / 0.5), round.H.flat());
      const direction = recommender.direction(vectors, { sum, denominator: histories.length });
      vectors = vectors.map((v, i) => v + golden.step * direction[i]);
      expectClose(vectors, round.V.flat());
    }
  });

  it('weights the local solve by recency as the prototype does', () => {
    const recent = { ...specification, recency: { floor: 0.02, timeConstant: 5 } };
    const bound = createImplicitAls(recent, { kernels }).bind(Float32Array.from(golden.rounds[1].V.flat()));
    const { vector } = bound.fitPrivateState(histories[1], seededRandom(1));
    expectClose(vector, golden.recency_vector_of_user_1);
  });
});

describe('the direction', () => {
  it('is the same for a cohort that stands for a larger one', () => {
    const vectors = Float32Array.from(start);
    for (const windowLength of [null, 2]) {
      const recommender = createImplicitAls({ ...specification, windowLength });
      const sum = sumOf(recommender, vectors);
      const once = recommender.direction(vectors, { sum, denominator: 4 });
      fc.assert(
        fc.property(fc.double({ min: 0.1, max: 50, noNaN: true }), (factor) => {
          const scaled = recommender.direction(vectors, { sum: sum.map((v) => factor * v), denominator: 4 * factor });
          scaled.forEach((value, i) => {
            expect(value).toBeCloseTo(once[i], 4);
          });
        }),
        { numRuns: 20 },
      );
    }
  });

  it("is indifferent to the groups' scales once they are divided out", () => {
    const vectors = Float32Array.from(start);
    const directions = [{ rows: 3, counts: 0.7, outer: 0.2 }, specification.groupScales].map((groupScales) => {
      const recommender = createImplicitAls({ ...specification, groupScales, windowLength: 2 });
      return recommender.direction(vectors, { sum: sumOf(recommender, vectors), denominator: 4 });
    });
    directions[0].forEach((value, i) => {
      expect(value).toBeCloseTo(directions[1][i], 4);
    });
  });

  it('points down the whole-data loss, by finite differences, each item along its own gradient', () => {
    const recommender = createImplicitAls(specification);
    const vectors = Float32Array.from(start);
    const bound = recommender.bind(vectors);
    const fitted = histories.map((history) => bound.fitPrivateState(history, seededRandom(1)).vector);
    const direction = recommender.direction(vectors, { sum: sumOf(recommender, vectors), denominator: 4 });
    const along = (step: number) =>
      wholeDataLoss(
        fitted,
        vectors.map((v, i) => v + step * direction[i]),
      );
    expect(along(0.5)).toBeLessThan(along(0));
    for (let item = 0; item < 6; item++) {
      const only = (step: number) =>
        wholeDataLoss(
          fitted,
          vectors.map((v, i) => (i >> 1 === item ? v + step * direction[i] : v)),
        );
      expect(only(0.01)).toBeLessThan(only(0));
    }
  });

  it('vanishes at the optimum that the central twin finds, and leads there', () => {
    const train = interactionsOf(histories.map(({ items }) => items));
    for (const windowLength of [null, 2]) {
      const own = { ...specification, windowLength, initialScale: 1 };
      const recommender = createImplicitAls(own);
      const central = trainCentralImplicitAls(own, train, { sweeps: 400, seed: 3 });
      const length = (vector: Float32Array) => Math.hypot(...vector);
      const stop = recommender.direction(central, { sum: sumOf(recommender, central), denominator: 4 });
      expect(length(stop)).toBeLessThan(1e-3 * length(central));
      let vectors = recommender.initialise(3);
      for (let round = 0; round < 400; round++) {
        const direction = recommender.direction(vectors, { sum: sumOf(recommender, vectors), denominator: 4 });
        vectors = vectors.map((v, i) => v + 0.5 * direction[i]);
      }
      // The optimum is one up to a rotation of all vectors: compare what people are recommended.
      for (const history of histories) {
        const scores = [vectors, central].map((shared) => {
          const bound = recommender.bind(shared);
          return bound.score(bound.fitPrivateState(history, seededRandom(1)));
        });
        scores[0].forEach((score, i) => {
          expect(score).toBeCloseTo(scores[1][i], 2);
        });
      }
    }
  });
});

/** sum over users of sum_S (x.v - 1)^2 + a0 sum over all items (x.v)^2 + lambda (c_i + a0 n) |v_i|^2 per item, x fixed. */
function wholeDataLoss(fitted: readonly Float32Array[], vectors: Float32Array): number {
  const { unobservedWeight: a0, regularisation } = specification;
  let loss = 0;
  for (let item = 0; item < 6; item++) {
    const [a, b] = vectors.subarray(2 * item, 2 * item + 2);
    let takers = 0;
    histories.forEach(({ items }, user) => {
      const score = fitted[user][0] * a + fitted[user][1] * b;
      loss += a0 * score * score;
      if (items.includes(item)) {
        loss += (score - 1) ** 2;
        takers++;
      }
    });
    loss += regularisation * (takers + a0 * histories.length) * (a * a + b * b);
  }
  return loss;
}

function interactionsOf(lists: readonly Uint32Array[]): Interactions {
  const offsets = new Uint32Array(lists.length + 1);
  lists.forEach((list, user) => {
    offsets[user + 1] = offsets[user] + list.length;
  });
  return {
    userCount: lists.length,
    itemCount: 6,
    offsets,
    items: Uint32Array.from(lists.flatMap((list) => [...list])),
  };
}

describe('a history', () => {
  it('is contributed up to itemCap items, and repeats count once', () => {
    const capped = createImplicitAls({ ...specification, itemCap: 2 }).bind(Float32Array.from(start));
    const some = capped.train({ items: Uint32Array.from([0, 4, 5, 4]) }, seededRandom(3)).contribution;
    expect(
      scatterContribution(some)
        .subarray(12, 18)
        .filter((count) => count > 0),
    ).toHaveLength(2);
    const whole = createImplicitAls(specification).bind(Float32Array.from(start));
    const repeated = whole.train({ items: Uint32Array.from([4, 0, 4, 5]) }, seededRandom(3));
    expect(repeated.examples).toBe(3);
    const once = whole.train({ items: Uint32Array.from([0, 4, 5]) }, seededRandom(3));
    expect(scatterContribution(repeated.contribution)).toEqual(scatterContribution(once.contribution));
  });

  it('under a cap contributes the same rows as without, only fewer', () => {
    const vectors = Float32Array.from(start);
    const dense = (itemCap: number | null) => {
      const recommender = createImplicitAls({ ...specification, itemCap, windowLength: 3 });
      const history = { items: Uint32Array.from([0, 4, 5, 2, 1]) };
      return scatterContribution(recommender.bind(vectors).train(history, seededRandom(4)).contribution);
    };
    const [some, all] = [dense(2), dense(null)];
    const kept = [0, 1, 2, 3, 4, 5].filter((item) => some[12 + item] !== 0);
    expect(kept).toHaveLength(2);
    for (const item of kept)
      expect(some.subarray(2 * item, 2 * item + 2)).toEqual(all.subarray(2 * item, 2 * item + 2));
    expect(some.subarray(18)).toEqual(all.subarray(18));
  });

  it('in windows contributes the sum of what its windows would, each a person of its own', () => {
    const vectors = Float32Array.from(start);
    const windowed = createImplicitAls({ ...specification, windowLength: 3 });
    const sum = sumOf(windowed, vectors, [{ items: Uint32Array.from([0, 4, 5, 2, 1]) }]);
    const parts = [
      [0, 4],
      [5, 2, 1],
    ].map((items) => ({ items: Uint32Array.from(items) }));
    const apart = sumOf(createImplicitAls(specification), vectors, parts);
    expectClose(sum.subarray(0, apart.length), [...apart]);
    expect(sum[apart.length] / specification.groupScales.counts).toBeCloseTo(2, 5);
  });

  it('is parted into the fewest windows of at most the length, as equal as can be', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 50 }), (n, length) => {
        const windows = windowsOver(n, length);
        expect(windows.map(({ from }) => from)).toEqual([0, ...windows.slice(0, -1).map(({ to }) => to)]);
        expect(windows.at(-1)?.to).toBe(n);
        const lengths = windows.map(({ from, to }) => to - from);
        expect(windows).toHaveLength(Math.ceil(n / length));
        expect(Math.max(...lengths)).toBeLessThanOrEqual(length);
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('without an interaction gives a zero vector', () => {
    const bound = createImplicitAls(specification).bind(Float32Array.from(start));
    expect([...bound.fitPrivateState({ items: new Uint32Array(0) }, seededRandom(1)).vector]).toEqual([0, 0]);
  });

  it('weighs by age: exponentially, or by a power, which forgets more slowly', () => {
    expect([...recencyWeights(3, { floor: 0.5, timeConstant: 2 })]).toEqual(
      [Math.exp(-1) + 0.5, Math.exp(-0.5) + 0.5, 1.5].map(Math.fround),
    );
    expect([...recencyWeights(3, { floor: 0, timeConstant: 2, exponent: 2 })]).toEqual(
      [0.25, 4 / 9, 1].map(Math.fround),
    );
  });

  it('moves boundedly on a sum that is all noise, round after round', () => {
    const wide = createImplicitAls({ ...specification, itemCount: 40, dimension: 8 });
    const random = seededRandom(5);
    const noiseStandardDeviation = 10;
    let vectors = wide.initialise(1);
    for (let round = 0; round < 30; round++) {
      const sum = Float32Array.from(
        { length: wide.contributionLayout.size },
        () => noiseStandardDeviation * random.gaussian(),
      );
      const direction = wide.direction(vectors, { sum, denominator: 20, noiseStandardDeviation });
      vectors = vectors.map((value, i) => value + 0.5 * direction[i]);
    }
    // Without the floor the same rounds leave float32 behind.
    expect(Math.max(...vectors.map(Math.abs))).toBeLessThan(100);
  });
});

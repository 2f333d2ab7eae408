import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../random/seeded.ts';
import { scatterContribution } from '../contribution.ts';
import type { ImplicitAlsSpecification } from '../specification.ts';
import { createImplicitAls, unpackSymmetric } from './implicit-als.ts';
import { gramian, localSolve, recencyWeights } from './local-solve.ts';

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

describe('implicit-als', () => {
  it('goes through the two rounds of the NumPy prototype, value by value', () => {
    const recommender = createImplicitAls(specification);
    let vectors = Float32Array.from(start);
    for (const round of golden.rounds) {
      const bound = recommender.bind(vectors);
      const sum = new Float32Array(recommender.contributionLayout.size);
      histories.forEach((history, user) => {
        expectClose(bound.fitPrivateState(history, seededRandom(1)).vector, round.user_vectors[user]);
        const dense = scatterContribution(bound.train(history, seededRandom(1)).contribution);
        for (let i = 0; i < sum.length; i++) sum[i] += dense[i];
      });
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
    const vectors = Float32Array.from(golden.rounds[1].V.flat());
    const weights = recencyWeights(3, { floor: 0.02, timeConstant: 5 });
    const x = localSolve(vectors, gramian(vectors, 2), 2, histories[1].items, weights, golden.a0, golden.lam);
    expectClose(x, golden.recency_vector_of_user_1);
  });

  it('takes the same direction from a cohort that stands for a larger one', () => {
    const recommender = createImplicitAls(specification);
    const vectors = Float32Array.from(start);
    const sum = new Float32Array(recommender.contributionLayout.size);
    for (const history of histories) {
      const dense = scatterContribution(recommender.bind(vectors).train(history, seededRandom(1)).contribution);
      for (let i = 0; i < sum.length; i++) sum[i] += dense[i];
    }
    const once = recommender.direction(vectors, { sum, denominator: 4 });
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 50, noNaN: true }), (factor) => {
        const scaled = recommender.direction(vectors, { sum: sum.map((v) => factor * v), denominator: 4 * factor });
        scaled.forEach((value, i) => expect(value).toBeCloseTo(once[i], 4));
      }),
      { numRuns: 20 },
    );
  });

  it("is indifferent to the groups' scales once they are divided out", () => {
    const scaled = createImplicitAls({ ...specification, groupScales: { rows: 3, counts: 0.7, outer: 0.2 } });
    const plain = createImplicitAls(specification);
    const vectors = Float32Array.from(start);
    const directions = [scaled, plain].map((recommender) => {
      const { contribution } = recommender.bind(vectors).train(histories[1], seededRandom(1));
      return recommender.direction(vectors, { sum: scatterContribution(contribution), denominator: 1 });
    });
    directions[0].forEach((value, i) => expect(value).toBeCloseTo(directions[1][i], 4));
  });

  it('covers at most itemCap items, and counts repeats once', () => {
    const capped = createImplicitAls({ ...specification, itemCap: 2 }).bind(Float32Array.from(start));
    const [rows] = capped.train({ items: Uint32Array.from([0, 4, 5, 4]) }, seededRandom(3)).contribution.parts;
    expect(rows.kind === 'rows' && new Set(rows.rows).size).toBe(2);
    const whole = createImplicitAls(specification).bind(Float32Array.from(start));
    const repeated = whole.train({ items: Uint32Array.from([4, 0, 4, 5]) }, seededRandom(3));
    expect(repeated.examples).toBe(3);
  });

  it('gives a person without history a zero vector', () => {
    const bound = createImplicitAls(specification).bind(Float32Array.from(start));
    expect([...bound.fitPrivateState({ items: new Uint32Array(0) }, seededRandom(1)).vector]).toEqual([0, 0]);
  });
});

/** What every recommender promises, whatever it learns by: called from each recommender's own test. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random/seeded.ts';
import { accumulateContribution, contributionNorm, scatterContribution } from './contribution.ts';
import type { History, Recommender } from './recommender.ts';

/** @param create a recommender of at least 12 items */
export function describeRecommender(name: string, create: () => Recommender): void {
  const recommender = create();
  const { itemCount, layout, contributionLayout } = recommender;
  const histories: readonly History[] = [
    [0, 3, 5, 7],
    [3, 4],
    [11],
    Array.from({ length: itemCount }, (_, i) => i),
  ].map((items) => ({ items: Uint32Array.from(items) }));
  const finite = (vector: Float32Array) => vector.every((value) => Number.isFinite(value));

  describe(`${name} as a recommender`, () => {
    it('starts from finite parameters that the seed decides', () => {
      const shared = recommender.initialise(1);
      expect(shared).toHaveLength(layout.size);
      expect(finite(shared)).toBe(true);
      expect(create().initialise(1)).toEqual(shared);
      expect(recommender.initialise(2)).not.toEqual(shared);
    });

    it('trains and fits deterministically, and changes neither the shared parameters nor the history', () => {
      const shared = recommender.initialise(1);
      const before = shared.slice();
      for (const history of histories) {
        const items = history.items.slice();
        const [once, again] = [recommender, create()].map((one) => {
          const bound = one.bind(shared);
          const training = bound.train(history, seededRandom(5));
          return {
            contribution: scatterContribution(training.contribution),
            examples: training.examples,
            loss: training.loss,
            vector: bound.fitPrivateState(history, seededRandom(6)).vector,
          };
        });
        expect(again).toEqual(once);
        expect(history.items).toEqual(items);
      }
      expect(shared).toEqual(before);
    });

    it('contributes finite numbers that its contribution layout holds, and says how much it trained on', () => {
      const bound = recommender.bind(recommender.initialise(1));
      for (const history of histories) {
        const { contribution, examples, loss } = bound.train(history, seededRandom(5));
        const dense = scatterContribution(contribution);
        expect(contribution.size).toBe(contributionLayout.size);
        expect(dense).toHaveLength(contributionLayout.size);
        expect(finite(dense)).toBe(true);
        expect(dense.some((value) => value !== 0)).toBe(true);
        expect(examples).toBe(history.items.length);
        expect(Number.isFinite(loss)).toBe(true);
        expect(loss).toBeGreaterThanOrEqual(0);
      }
    });

    it('keeps its compact form true to the dense one: norm and weighted sums', () => {
      const bound = recommender.bind(recommender.initialise(1));
      const sum = new Float32Array(contributionLayout.size);
      const expected = new Float64Array(contributionLayout.size);
      histories.forEach((history, i) => {
        const { contribution } = bound.train(history, seededRandom(i));
        const dense = scatterContribution(contribution);
        const norm = Math.hypot(...dense);
        expect(Math.abs(contributionNorm(contribution) - norm)).toBeLessThan(1e-5 * norm);
        accumulateContribution(contribution, 0.25 * (i + 1), sum);
        dense.forEach((value, at) => {
          expected[at] += 0.25 * (i + 1) * value;
        });
      });
      const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      sum.forEach((value, at) => {
        expect(Math.abs(value - expected[at])).toBeLessThan(1e-5 * largest);
      });
    });

    it('keeps the private state out of the layout: it is as long for every person, and no tensor has a row for people', () => {
      const bound = recommender.bind(recommender.initialise(1));
      const lengths = histories.map((history) => bound.fitPrivateState(history, seededRandom(1)).vector.length);
      expect(new Set(lengths).size).toBe(1);
      for (const tensor of [...layout.tensors, ...contributionLayout.tensors])
        expect(tensor.name).not.toMatch(/user|person/);
    });

    it('scores every item, into the given array where there is one', () => {
      const bound = recommender.bind(recommender.initialise(1));
      for (const history of histories) {
        const state = bound.fitPrivateState(history, seededRandom(1));
        const scores = bound.score(state);
        const out = new Float32Array(itemCount);
        expect(scores).toHaveLength(itemCount);
        expect(finite(scores)).toBe(true);
        expect(bound.score(state, out)).toBe(out);
        expect(out).toEqual(scores);
      }
    });

    it('has a vector for each item, and scores by them what it says to score by them', () => {
      const bound = recommender.bind(recommender.initialise(1));
      const { values, width, scoring, biases } = bound.itemVectors();
      expect(values).toHaveLength(itemCount * width);
      expect(finite(values)).toBe(true);
      if (scoring === 'other') return;
      const state = bound.fitPrivateState(histories[0], seededRandom(1));
      bound.score(state).forEach((score, item) => {
        let expected = biases?.[item] ?? 0;
        for (let k = 0; k < width; k++) expected += values[item * width + k] * state.vector[k];
        expect(score).toBeCloseTo(expected, 5);
      });
    });

    it('knows nobody without a history, and still scores', () => {
      const bound = recommender.bind(recommender.initialise(1));
      const state = bound.fitPrivateState({ items: new Uint32Array(0) }, seededRandom(1));
      expect(state.vector.every((value) => value === 0)).toBe(true);
      expect(finite(bound.score(state))).toBe(true);
    });

    it('counts repeats once', () => {
      const bound = recommender.bind(recommender.initialise(1));
      const repeated = bound.train({ items: Uint32Array.of(4, 2, 4, 4, 2) }, seededRandom(1));
      expect(repeated.examples).toBe(2);
    });

    it('asks for a finite move, also after a round that brought nothing', () => {
      const shared = recommender.initialise(1);
      const bound = recommender.bind(shared);
      const sum = new Float32Array(contributionLayout.size);
      for (const denominator of [1, 100]) {
        const direction = recommender.direction(shared, { sum, denominator });
        expect(direction).toHaveLength(layout.size);
        expect(finite(direction)).toBe(true);
      }
      for (const history of histories)
        accumulateContribution(bound.train(history, seededRandom(1)).contribution, 1, sum);
      const direction = recommender.direction(shared, { sum, denominator: histories.length });
      expect(finite(direction)).toBe(true);
      expect(direction.some((value) => value !== 0)).toBe(true);
    });

    it('binds versions apart: training on one is not disturbed by another', () => {
      const [first, second] = [recommender.initialise(1), recommender.initialise(2)];
      const alone = recommender.bind(first).train(histories[0], seededRandom(1));
      const bound = recommender.bind(first);
      const other = recommender.bind(second);
      other.score(other.fitPrivateState(histories[1], seededRandom(1)));
      expect(scatterContribution(bound.train(histories[0], seededRandom(1)).contribution)).toEqual(
        scatterContribution(alone.contribution),
      );
    });
  });
}

import { describe, expect, it } from 'vitest';
import { popularityScores, randomScores } from '../../evaluation/baselines.ts';
import { evaluateRanking } from '../../evaluation/evaluate.ts';
import { finishQuality } from '../../evaluation/sums.ts';
import { historyOf } from '../dataset.ts';
import { describeDataset } from '../describe.ts';
import { splitLeaveLastOneOut } from '../split.ts';
import { syntheticCatalogue } from './catalogue.ts';
import { themes } from './vocabulary.ts';

describe('syntheticCatalogue', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(syntheticCatalogue({ seed: 5 })).toEqual(syntheticCatalogue({ seed: 5 }));
    expect(syntheticCatalogue({ seed: 5 }).interactions).not.toEqual(syntheticCatalogue({ seed: 6 }).interactions);
  });

  it('has titles that differ, genres, and descriptions in the words of the themes', () => {
    const { items } = syntheticCatalogue({ items: 3000, users: 1 });
    expect(new Set(items.map((item) => item.title)).size).toBe(3000);
    expect(new Set(items.flatMap((item) => item.attributes)).size).toBe(
      new Set(themes.map((theme) => theme.genre)).size,
    );
    for (const { attributes, description } of items) {
      const words = themes.filter((theme) => attributes.includes(theme.genre)).flatMap((theme) => theme.nouns);
      expect(words.filter((word) => description.includes(word)).length).toBeGreaterThanOrEqual(2);
      expect(description).not.toMatch(/undefined|\ba [aeiou]|\ban [^aeiou]| {2}/);
    }
  });

  it('has the asked-for size, a long tail and a third of the catalogue at most in a history', () => {
    const dataset = syntheticCatalogue({ users: 1000, items: 500, interactionsPerUser: 30, seed: 2 });
    const description = describeDataset(dataset);
    expect([description.users, description.items, description.usersWithHeldOut]).toEqual([1000, 500, 1000]);
    expect(description.historyLength.mean).toBeGreaterThan(24);
    expect(description.historyLength.mean).toBeLessThan(36);
    expect(description.historyLength.maximum).toBeLessThanOrEqual(166);
    expect(description.popularityGini).toBeGreaterThan(0.35);
    expect(description.popularityGini).toBeLessThan(0.8);
  });

  it('can be small', () => {
    const dataset = syntheticCatalogue({ users: 2, items: 1, interactionsPerUser: 3 });
    expect([...dataset.interactions.items]).toEqual([0, 0]);
    for (const bad of [0, -1, 1.5, Number.NaN]) {
      expect(() => syntheticCatalogue({ users: bad })).toThrow(/users is .*whole number from 1/);
    }
  });

  it('rewards taste over popularity, recent taste over old, and popularity over chance', () => {
    const dataset = syntheticCatalogue({ users: 1000, seed: 4 });
    const split = splitLeaveLastOneOut(dataset, { seed: 4 });
    const { itemCount, userCount } = split.train;
    const quality = (scoresOf: (user: number) => Float32Array) =>
      finishQuality(evaluateRanking({ scoresOf, split, on: 'test' })).full['ndcg@10'];

    // Cosine-normalised item-to-item neighbours: the plainest personal recommender.
    const together = new Float64Array(itemCount * itemCount);
    for (let user = 0; user < userCount; user++) {
      const items = historyOf(split.train, user);
      for (const a of items) for (const b of items) together[a * itemCount + b]++;
    }
    const degree = Float64Array.from({ length: itemCount }, (_, item) =>
      Math.max(1, together[item * itemCount + item]),
    );
    const neighbours = (latest: number) => (user: number) => {
      const scores = new Float32Array(itemCount);
      for (const a of historyOf(split.train, user).slice(-latest)) {
        for (let b = 0; b < itemCount; b++) {
          scores[b] += together[a * itemCount + b] / Math.sqrt(degree[a] * degree[b]);
        }
      }
      return scores;
    };

    const popularity = popularityScores(split.train);
    const popular = quality(() => popularity);
    const personal = quality(neighbours(Number.POSITIVE_INFINITY));
    expect(popular).toBeGreaterThan(2 * quality((user) => randomScores(itemCount, 1, user)));
    expect(personal).toBeGreaterThan(1.5 * popular);
    expect(quality(neighbours(8))).toBeGreaterThan(1.1 * personal);
  });
});

import { type Dataset, historyOf } from '@tributary/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawPopulation } from './population.ts';

function datasetOf(histories: readonly (readonly number[])[]): Dataset {
  const offsets = new Uint32Array(histories.length + 1);
  histories.forEach((history, user) => {
    offsets[user + 1] = offsets[user] + history.length;
  });
  return {
    name: 'made',
    source: 'this test',
    userIds: histories.map((_, user) => `user ${user}`),
    items: [],
    interactions: { userCount: histories.length, itemCount: 50, offsets, items: Uint32Array.from(histories.flat()) },
    skippedRows: 0,
  };
}

describe('drawPopulation', () => {
  const histories = fc.array(fc.uniqueArray(fc.nat(49), { minLength: 0, maxLength: 8 }), {
    minLength: 4,
    maxLength: 30,
  });

  it('keeps each drawn user’s own history whole, and draws nobody twice', () => {
    fc.assert(
      fc.property(histories, fc.nat(1000), (all, seed) => {
        const enough = all.filter((history) => history.length >= 3).length;
        fc.pre(enough > 0);
        const drawn = drawPopulation(datasetOf(all), enough, seed);
        expect(new Set(drawn.userIds).size).toBe(enough);
        drawn.userIds.forEach((id, index) => {
          const original = all[Number(id.slice('user '.length))];
          expect([...historyOf(drawn.interactions, index)]).toEqual(original);
          expect(original.length).toBeGreaterThanOrEqual(3);
        });
      }),
    );
  });

  it('is the same for the same seed, and another for another', () => {
    const dataset = datasetOf(Array.from({ length: 200 }, (_, user) => [user % 50, (user + 1) % 50, (user + 2) % 50]));
    const ids = (seed: number) => drawPopulation(dataset, 20, seed).userIds;
    expect(ids(5)).toEqual(ids(5));
    expect(ids(5)).not.toEqual(ids(6));
  });

  it('says how many there are when there are too few', () => {
    expect(() =>
      drawPopulation(
        datasetOf([
          [1, 2, 3],
          [1, 2],
        ]),
        2,
        1,
      ),
    ).toThrow(/has 1 users/);
  });
});

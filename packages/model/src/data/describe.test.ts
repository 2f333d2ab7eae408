import { describe, expect, it } from 'vitest';
import { bareItem, type Dataset } from './dataset.ts';
import { describeDataset } from './describe.ts';

describe('describeDataset', () => {
  it('counts what there is', () => {
    const dataset: Dataset = {
      name: 'tiny',
      source: 'made up',
      userIds: ['a', 'b', 'c'],
      items: [bareItem('x'), bareItem('y'), bareItem('z'), { ...bareItem('w'), description: 'text' }],
      interactions: {
        userCount: 3,
        itemCount: 4,
        offsets: Uint32Array.from([0, 3, 4, 6]),
        items: Uint32Array.from([0, 1, 2, 0, 0, 1]),
      },
      timeSpan: { first: 10, last: 20 },
      skippedRows: 2,
    };
    expect(describeDataset(dataset)).toEqual({
      name: 'tiny',
      source: 'made up',
      users: 3,
      items: 4,
      interactions: 6,
      density: 0.5,
      historyLength: { minimum: 1, lowerQuartile: 1.5, median: 2, upperQuartile: 2.5, maximum: 3, mean: 2 },
      usersWithHeldOut: 1,
      popularity: { minimum: 0, lowerQuartile: 0.75, median: 1.5, upperQuartile: 2.25, maximum: 3, mean: 1.5 },
      // Counts 0, 1, 2, 3: mean absolute difference over twice the mean, 1.25 / 3.
      popularityGini: 1.25 / 3,
      itemsWithoutInteraction: 1,
      itemsWithDescription: 1,
      timeSpan: { first: 10, last: 20 },
      skippedRows: 2,
    });
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Interactions } from '../data/dataset.ts';
import { type ColdItemSplit, evaluateColdItems, splitColdItems } from './cold-items.ts';

const interactions = (rows: readonly (readonly number[])[], itemCount: number): Interactions => ({
  userCount: rows.length,
  itemCount,
  offsets: Uint32Array.from([0, ...rows.map((_, user) => rows.slice(0, user + 1).flat().length)]),
  items: Uint32Array.from(rows.flat()),
});

test('cold items lose every interaction, and the rest keeps all of its own in order', () => {
  const rows = fc.array(fc.uniqueArray(fc.nat(9), { maxLength: 10 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(rows, fc.nat(1000), (rows, seed) => {
      const { cold, train } = splitColdItems(interactions(rows, 10), 0.3, seed);
      expect(cold.length).toBe(3);
      const kept = rows.map((row) => row.filter((item) => !cold.includes(item)));
      expect(train).toEqual(interactions(kept, 10));
    }),
  );
});

test('NDCG@20 of cold items, worked out by hand', () => {
  // Items 0 to 3 are cold. User 0 has 1 and 3, which are ranked second and fourth; user 1 has no warm item, user 2 no cold one.
  const all = interactions(
    [
      [1, 3, 4],
      [0, 2],
      [4, 5],
    ],
    6,
  );
  const split: ColdItemSplit = { cold: Uint32Array.of(0, 1, 2, 3), train: interactions([[4], [], [4, 5]], 6), all };
  const { users, 'ndcg@20': ndcg } = evaluateColdItems(split, () => [9, 8, 7, 6, 100, 100]);
  expect(users).toBe(1);
  expect(ndcg).toBeCloseTo((1 / Math.log2(3) + 1 / Math.log2(5)) / (1 + 1 / Math.log2(3)), 12);
});

test('ties are broken against the model', () => {
  const split = { cold: Uint32Array.of(0, 1), train: interactions([[2]], 3), all: interactions([[0, 2]], 3) };
  expect(evaluateColdItems(split, () => [0, 0, 0])['ndcg@20']).toBeCloseTo(1 / Math.log2(3), 12);
});

test('a share that leaves no item on one of the two sides is refused with what it makes', () => {
  expect(() => splitColdItems(interactions([[0]], 3), 0.01, 1)).toThrow(/makes 0 of 3 items cold/);
  expect(() => splitColdItems(interactions([[0]], 3), 1, 1)).toThrow(/makes 3 of 3 items cold/);
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type InteractionRow, packedEvents, rowsToCut, rowsToPack } from './interaction-rows.ts';

const rowOf = (key: number, from: number, count: number): InteractionRow => ({
  key,
  events: Array.from({ length: count }, (_, at) => ({ type: 'view', itemId: `i${from + at}`, at: from + at })),
});

it('leaves few rows as they are', () => {
  expect(rowsToPack(Array.from({ length: 200 }, (_, key) => rowOf(key, key, 1)))).toEqual([]);
});

it('keeps every event in its order, whatever the rows, and packs no more than a row may hold', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 257, maxLength: 600 }), (counts) => {
      let from = 0;
      const rows = counts.map((count, key) => {
        const row = rowOf(10 * key, from, count);
        from += count;
        return row;
      });
      const after = new Map(rows.map(({ key, events }) => [key, events]));
      for (const { keys, events } of rowsToPack(rows)) {
        expect(events.length).toBeLessThanOrEqual(packedEvents);
        for (const key of keys) after.delete(key);
        after.set(keys[0], events);
      }
      const inOrder = [...after].sort(([a], [b]) => a - b).flatMap(([, events]) => events.map(({ at }) => at));
      expect(inOrder).toEqual(Array.from({ length: from }, (_, at) => at));
      expect(after.size).toBeLessThan(rows.length / 2);
    }),
    { numRuns: 50 },
  );
});

it('cuts the oldest events off, whatever the rows, and touches none behind the cut', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 40 }), fc.nat(900), (counts, kept) => {
      let from = 0;
      const rows = counts.map((count, key) => {
        const row = rowOf(10 * key, from, count);
        from += count;
        return row;
      });
      const { removed, shortened } = rowsToCut(rows, kept);
      const after = new Map(rows.map(({ key, events }) => [key, events]));
      for (const key of removed) after.delete(key);
      if (shortened !== undefined) after.set(shortened.key, shortened.events);
      const left = [...after.values()].flatMap((events) => events.map(({ at }) => at));
      expect(left).toEqual(Array.from({ length: from }, (_, at) => at).slice(Math.max(0, from - kept)));
      expect(removed.length + (shortened === undefined ? 0 : 1)).toBeLessThanOrEqual(rows.length);
      expect([...after.values()].every((events) => events.length > 0)).toBe(true);
    }),
  );
});

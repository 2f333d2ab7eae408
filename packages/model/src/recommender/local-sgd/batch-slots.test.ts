import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBatchSlots } from './batch-slots.ts';

describe('rows of a minibatch', () => {
  it('are counted as a map would count them, batch after batch on the same scratch', () => {
    const batches = fc.array(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 8 }), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(batches, (lists) => {
        const batch = createBatchSlots(10, 8);
        for (const list of lists) {
          // Read from the middle of a longer array, as a pass is.
          const count = batch.read(Uint32Array.from([0, 0, ...list, 0]), 2, 2 + list.length);
          const counts = new Map<number, number>();
          for (const slot of list) counts.set(slot, (counts.get(slot) ?? 0) + 1);
          expect(Array.from(batch.distinct.subarray(0, count))).toEqual([...counts.keys()]);
          expect(Array.from(batch.occurrences.subarray(0, count))).toEqual([...counts.values()]);
          list.forEach((slot, e) => {
            expect(batch.distinct[batch.position[e]]).toBe(slot);
          });
        }
      }),
    );
  });
});

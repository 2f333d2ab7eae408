import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../random/seeded.ts';
import { distinctItems, drawExamples, localPasses } from './examples.ts';

const local = {
  epochs: 1,
  reconstructionEpochs: 2,
  batchSize: 8,
  learningRate: 1,
  privateLearningRate: 1,
  negativesPerPositive: 3,
  regularisation: 0,
};
const history = fc.uniqueArray(fc.integer({ min: 0, max: 29 }), { minLength: 1, maxLength: 29 });

describe('examples of one device', () => {
  it('are each interaction once, labelled 1, and the asked number of other items per interaction, labelled 0', () => {
    fc.assert(
      fc.property(history, fc.nat(1000), (items, seed) => {
        const { rows, slots, labels } = drawExamples(Uint32Array.from(items), 30, 3, seededRandom(seed));
        const itemsWithLabel = (label: number) =>
          Array.from(slots, (s) => rows[s]).filter((_, e) => labels[e] === label);
        expect(itemsWithLabel(1)).toEqual(items);
        expect(itemsWithLabel(0)).toHaveLength(3 * items.length);
        for (const item of itemsWithLabel(0)) expect(items).not.toContain(item);
        expect(new Set(rows).size).toBe(rows.length);
        expect(new Set(slots).size).toBe(rows.length);
      }),
    );
  });

  it('leave out the interactions and nothing else: any other item, held out or not, is drawn equally often', () => {
    const counts = new Float64Array(10);
    const random = seededRandom(5);
    for (let round = 0; round < 3000; round++) {
      const { rows, slots } = drawExamples(Uint32Array.of(2, 7), 10, 4, random);
      for (const slot of slots.subarray(2)) counts[rows[slot]]++;
    }
    // 24,000 draws over 8 items: mean 3000, standard deviation 51. Five of those are passed once in some 200,000 seeds.
    counts.forEach((count, item) => {
      if (item === 2 || item === 7) expect(count).toBe(0);
      else expect(Math.abs(count - 3000)).toBeLessThan(256);
    });
  });

  it('have no negatives where the history is the whole catalogue', () => {
    const { slots, labels } = drawExamples(Uint32Array.of(1, 0, 2), 3, 4, seededRandom(1));
    expect(slots).toHaveLength(3);
    expect(Array.from(labels)).toEqual([1, 1, 1]);
  });

  it('are passed over in fresh orders, reconstruction first', () => {
    const examples = drawExamples(Uint32Array.of(3, 1, 4, 15, 9), 30, 3, seededRandom(1));
    const passes = localPasses(examples, local, seededRandom(2));
    expect(passes.map(({ moves }) => moves)).toEqual(['private', 'private', 'all']);
    const pairs = (slots: Uint32Array, labels: Float32Array) => Array.from(slots, (s, e) => `${s}:${labels[e]}`);
    const expected = pairs(examples.slots, examples.labels).toSorted();
    for (const { slots, labels } of passes) expect(pairs(slots, labels).toSorted()).toEqual(expected);
    expect(passes[0].slots).not.toEqual(passes[1].slots);
  });

  it('count a repeated interaction once', () => {
    expect(Array.from(distinctItems(Uint32Array.of(4, 1, 4, 4, 2)))).toEqual([4, 1, 2]);
  });
});

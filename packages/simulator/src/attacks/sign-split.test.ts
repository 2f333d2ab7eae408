import { createLayout, LayoutError } from '@tributary/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare, deviationFromChance, f1, f1AtChance, pooled, signSplit, takeHighest } from './sign-split.ts';

const layout = createLayout([
  { name: 'item-vectors', shape: [4, 2] },
  { name: 'item-biases', shape: [4] },
]);

describe('splitting by signs', () => {
  it('takes the items whose bias went up', () => {
    const delta = Float32Array.of(1, 1, 1, 1, 1, 1, 1, 1, 0.5, -0.5, 0, 2);
    expect(signSplit(layout, delta)).toEqual(new Set([0, 3]));
    expect(() => signSplit(createLayout([{ name: 'rows', shape: [2] }]), new Float32Array(2))).toThrow(LayoutError);
    expect(takeHighest(Float32Array.of(3, 9, 1, 4), [0, 2, 3], 2)).toEqual(new Set([3, 0]));
  });

  it('scores as precision and recall do, and at chance as the mean counts of a random draw do', () => {
    const sets = fc.record({
      own: fc.uniqueArray(fc.nat(19), { minLength: 1 }),
      taken: fc.uniqueArray(fc.nat(19), { minLength: 1 }),
    });
    fc.assert(
      fc.property(sets, ({ own, taken }) => {
        const confusion = compare(new Set(taken), new Set(own), 20);
        const hits = taken.filter((item) => own.includes(item)).length;
        const [precision, recall] = [hits / taken.length, hits / own.length];
        const harmonic = hits === 0 ? 0 : (2 * precision * recall) / (precision + recall);
        expect(f1(confusion)).toBeCloseTo(harmonic, 12);
        // A draw of that many has the precision of the base rate, and the recall of its size.
        const [base, share] = [own.length / 20, taken.length / 20];
        expect(f1AtChance(confusion)).toBeCloseTo((2 * base * share) / (base + share), 12);
      }),
    );
  });

  it('knows chance from more', () => {
    const coins = { truePositives: 50, falsePositives: 450, falseNegatives: 50, trueNegatives: 450 };
    expect(deviationFromChance(coins)).toBe(0);
    const told = { truePositives: 100, falsePositives: 0, falseNegatives: 0, trueNegatives: 900 };
    expect(deviationFromChance(told)).toBeCloseTo(Math.sqrt(1000), 9);
    expect(pooled([coins, told])).toEqual({
      truePositives: 150,
      falsePositives: 450,
      falseNegatives: 50,
      trueNegatives: 1350,
    });
  });
});

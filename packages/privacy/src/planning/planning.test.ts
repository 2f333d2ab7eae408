import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeEpsilon } from '../accounting/accountant.ts';
import { gaussianMu } from '../accounting/analytic-gaussian.ts';
import { budgetWarnings, defaultDelta } from './budget-warnings.ts';
import { forecast, plannedAssumptions, plannedEvents } from './forecast.ts';
import { growthOf } from './growth.ts';

const planned = { population: 100_000, cohort: 1_000, rounds: 500 };
const budget = { epsilon: 4, delta: 1e-6, accountant: 'pld' } as const;

describe('a forecast', () => {
  it('without an assumption has the noise of one Gaussian for all rounds, in closed form', () => {
    const { noiseMultiplier, roundNoise, totalNoise } = forecast('none', planned, budget);
    // z / sqrt(T) is the noise of one release.
    const exact = Math.sqrt(planned.rounds) / gaussianMu(4, 1e-6);
    expect(noiseMultiplier / exact).toBeGreaterThanOrEqual(1);
    expect(noiseMultiplier / exact).toBeLessThan(1.001);
    expect(roundNoise).toBe(noiseMultiplier / 1000);
    expect(totalNoise).toBeCloseTo(noiseMultiplier / (1000 * Math.sqrt(500)), 12);
  });

  it('stays within its budget under every assumption, and uses it', () => {
    for (const assumption of plannedAssumptions) {
      const { noiseMultiplier } = forecast(assumption, planned, budget);
      const epsilon = composeEpsilon(plannedEvents(assumption, planned, noiseMultiplier), 1e-6, 'pld');
      expect(epsilon, assumption).toBeLessThanOrEqual(4);
      expect(epsilon, assumption).toBeGreaterThan(3.99);
    }
  });

  it('counts one tree for as many rounds as there are cohorts, and the rest in a tree of its own', () => {
    const leaves = (rounds: number) => plannedEvents('tree', { ...planned, rounds }, 4).map(({ steps }) => steps);
    expect(leaves(250)).toEqual([100, 100, 50]);
    expect(leaves(60)).toEqual([60]);
    const oneEach = { population: 100, cohort: 60, rounds: 3 };
    expect(composeEpsilon(plannedEvents('tree', oneEach, 4), 1e-6)).toBe(
      composeEpsilon(plannedEvents('none', oneEach, 4), 1e-6),
    );
  });

  it('says that sampling is of replacing one person only where the cohort has a fixed size', () => {
    expect(plannedAssumptions.map((assumption) => forecast(assumption, planned, budget).relation)).toEqual([
      'add-remove',
      'add-remove',
      'add-remove',
      'replace',
    ]);
  });

  it('refuses a cohort larger than the population, and counts that are none', () => {
    expect(() => forecast('none', { ...planned, cohort: 100_001 }, budget)).toThrow(/larger than the population/);
    for (const bad of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => forecast('none', { ...planned, rounds: bad }, budget)).toThrow(/rounds is/);
    }
    for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => forecast('none', planned, { ...budget, epsilon: bad })).toThrow(/epsilon is/);
      expect(() => forecast('none', planned, { ...budget, delta: bad })).toThrow(/delta is/);
    }
  });
});

describe('growth', () => {
  it('halves the noise with twice the people where the cohort grows, or lowers epsilon at the same noise', () => {
    for (const assumption of plannedAssumptions) {
      const [one, two, four] = growthOf(assumption, planned, budget, [1, 2, 4]);
      expect(two.totalNoise).toBe(one.totalNoise / 2);
      // What it says of the same multiplier is what a calibration of the grown task finds.
      const grown = forecast(assumption, { ...planned, population: 200_000, cohort: 2_000 }, budget);
      expect(two.totalNoise / grown.totalNoise).toBeCloseTo(1, 12);
      expect(one.epsilonAtSameNoise).toBeLessThanOrEqual(4);
      expect(two.epsilonAtSameNoise).toBeLessThan(one.epsilonAtSameNoise);
      expect(four.epsilonAtSameNoise).toBeLessThan(two.epsilonAtSameNoise);
    }
  });

  it('with the cohort of today helps only where people are in fewer rounds for it', () => {
    const [, none] = growthOf('none', planned, budget, [1, 2]);
    expect(none.sameCohort.noiseMultiplier).toBe(forecast('none', planned, budget).noiseMultiplier);
    for (const assumption of ['tree', 'poisson', 'fixed-size'] as const) {
      const [one, two] = growthOf(assumption, planned, budget, [1, 2]);
      expect(two.sameCohort.noiseMultiplier, assumption).toBeLessThan(one.sameCohort.noiseMultiplier);
    }
  });
});

describe('the warnings of a budget', () => {
  it('name a delta that one published record keeps to, and an epsilon that bounds nothing', () => {
    const good = { epsilon: 8, delta: 1e-6, population: 6_040 };
    expect(budgetWarnings(good)).toEqual([]);
    expect(budgetWarnings({ ...good, delta: 1 / 6_040 })).toHaveLength(1);
    expect(budgetWarnings({ ...good, epsilon: 20.1 })[0]).toMatch(/above 20/);
    expect(budgetWarnings({ epsilon: 50, delta: 0.1, population: 100 })).toHaveLength(2);
  });

  it('suggest a delta that needs no warning', () => {
    expect([100, 6_040, 100_000, 100_001].map(defaultDelta)).toEqual([1e-3, 1e-5, 1e-6, 1e-7]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), (population) => {
        const delta = defaultDelta(population);
        expect(delta).toBeLessThanOrEqual((1 / (10 * population)) * (1 + 1e-9));
        expect(delta).toBeGreaterThan(1 / (101 * population));
        expect(budgetWarnings({ epsilon: 1, delta, population })).toEqual([]);
      }),
    );
  });
});

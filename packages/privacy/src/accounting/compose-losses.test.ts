import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeLosses, epsilonOfLoss, planSum, stepLosses } from './compose-losses.ts';
import { mirrored, transform, transformBack } from './fourier.ts';
import { createPldTotal } from './pld-total.ts';
import { type PrivacyLoss, type SampledGaussian, sampledGaussianLosses } from './privacy-loss.ts';

const mechanism = fc.record({
  rate: fc.constantFrom(0.003, 0.02, 0.3, 1),
  noiseMultiplier: fc.double({ min: 0.6, max: 3, noNaN: true }),
});
const relations = ['remove', 'add'] as const;

/** Term by term: all of them are positive, so that every mass keeps its digits. */
function convolve(a: PrivacyLoss, b: PrivacyLoss): PrivacyLoss {
  const masses = new Float64Array(a.masses.length + b.masses.length - 1);
  for (let i = 0; i < a.masses.length; i++) {
    for (let j = 0; j < b.masses.length; j++) masses[i + j] += a.masses[i] * b.masses[j];
  }
  const infinite = 1 - (1 - a.infinite) * (1 - b.infinite);
  return { interval: a.interval, first: a.first + b.first, masses, infinite };
}

describe('the losses of one step', () => {
  it('keep the masses of both distributions, on the coarsest grid and on a fine one', () => {
    fc.assert(
      fc.property(mechanism, fc.constantFrom(1e-3, 1e-2, 0.1), (sampled, interval) => {
        const losses = sampledGaussianLosses(sampled, interval);
        for (const relation of relations) {
          const { masses, first, infinite } = losses[relation];
          const [p, q] = [masses, masses.map((mass, i) => mass * Math.exp(-(first + i) * interval))];
          const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
          expect(Math.abs(sum(p) + infinite - 1)).toBeLessThan(1e-12);
          // What rounding may move losses by on average, times the steps, is what epsilons may be too small by.
          expect(Math.abs(sum(q) - 1)).toBeLessThan(1e-11);
        }
      }),
    );
  });

  it('of adding a person mirror those of removing one: P[-l] = e^-l P[l]', () => {
    const { remove, add } = sampledGaussianLosses({ rate: 0.1, noiseMultiplier: 1.3 }, 1e-2);
    expect(add.first).toBe(-remove.first - remove.masses.length + 1);
    const last = remove.masses.length - 1;
    for (let i = 1; i < last; i++) {
      const mirror = remove.masses[i] * Math.exp(-(remove.first + i) * remove.interval);
      expect(Math.abs(add.masses[last - i] - mirror)).toBeLessThan(1e-9 * mirror + 1e-16);
    }
  });
});

describe('the sum of losses', () => {
  it('is not below that by convolution, and hardly above, down to deltas of 1e-15', () => {
    const interval = 0.02;
    const cases: readonly (readonly [SampledGaussian, number, SampledGaussian, number])[] = [
      [{ rate: 0.1, noiseMultiplier: 1.5 }, 6, { rate: 1, noiseMultiplier: 3 }, 1],
      [{ rate: 0.02, noiseMultiplier: 1 }, 5, { rate: 0.3, noiseMultiplier: 2 }, 2],
      [{ rate: 0.003, noiseMultiplier: 0.8 }, 1, { rate: 0.5, noiseMultiplier: 2 }, 3],
    ];
    for (const [one, oneSteps, other, otherSteps] of cases) {
      const [first, second] = [sampledGaussianLosses(one, interval), sampledGaussianLosses(other, interval)];
      const direct = (relation: 'remove' | 'add') =>
        [
          ...Array.from({ length: oneSteps }, () => first[relation]),
          ...Array.from({ length: otherSteps }, () => second[relation]),
        ].reduce(convolve);
      const parts = [
        { step: stepLosses(first), steps: oneSteps },
        { step: stepLosses(second), steps: otherSteps },
      ];
      const exact = { remove: direct('remove'), add: direct('add') };
      for (const delta of [1e-3, 1e-6, 1e-10, 1e-15]) {
        const plans = { remove: planSum(parts, 'remove', delta), add: planSum(parts, 'add', delta) };
        const sums = composeLosses(parts, interval, plans, delta);
        const pairs = relations.map((relation) => {
          const [ours, expected] = [epsilonOfLoss(sums[relation], delta), epsilonOfLoss(exact[relation], delta)];
          expect(ours, `${relation} at ${delta}`).toBeGreaterThanOrEqual(expected * (1 - 1e-12));
          return [ours, expected] as const;
        });
        // Epsilon is the larger one; the other may carry more of the rounding.
        const [ours, expected] = [0, 1].map((i) => Math.max(...pairs.map((pair) => pair[i])));
        expect(ours, `at ${delta}`).toBeLessThanOrEqual(expected * (1 + 1e-6));
      }
    }
  });

  it('is larger on a coarser grid that the finer one holds', () => {
    fc.assert(
      fc.property(mechanism, fc.integer({ min: 2, max: 40 }), ({ rate, noiseMultiplier }, steps) => {
        const at = (interval: number) => {
          const total = createPldTotal(interval);
          const sampling = { claim: 'poisson', rate: Math.min(rate, 0.5) } as const;
          total.add({ mechanism: 'gaussian', noiseMultiplier, sampling, steps });
          return total.epsilon(1e-5) ?? Number.NaN;
        };
        const [fine, coarse] = [at(2e-3), at(1.6e-2)];
        expect(coarse).toBeGreaterThanOrEqual(fine * (1 - 1e-9));
      }),
      { numRuns: 20 },
    );
  });
});

describe('the Fourier transform', () => {
  it('is the sum that defines it, at places with their bits reversed, and its inverse', () => {
    const size = 64;
    const [real, imaginary] = [new Float64Array(size), new Float64Array(size)];
    for (let i = 0; i < size; i++) [real[i], imaginary[i]] = [Math.sin(i * i), Math.cos(3 * i)];
    const values = { real: real.slice(), imaginary: imaginary.slice() };
    transform(values);
    const reversed = (place: number) =>
      Number.parseInt(place.toString(2).padStart(6, '0').split('').reverse().join(''), 2);
    for (let place = 0; place < size; place++) {
      const frequency = reversed(place);
      let [re, im] = [0, 0];
      for (let k = 0; k < size; k++) {
        const angle = (-2 * Math.PI * frequency * k) / size;
        re += real[k] * Math.cos(angle) - imaginary[k] * Math.sin(angle);
        im += real[k] * Math.sin(angle) + imaginary[k] * Math.cos(angle);
      }
      expect(values.real[place]).toBeCloseTo(re, 11);
      expect(values.imaginary[place]).toBeCloseTo(im, 11);
      expect(reversed(mirrored(place))).toBe((size - frequency) % size);
    }
    transformBack(values);
    for (let i = 0; i < size; i++) expect(values.real[i] / size).toBeCloseTo(real[i], 13);
  });
});

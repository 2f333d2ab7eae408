import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeEpsilon, createAccountant } from './accountant.ts';
import type { MechanismEvent, SamplingAssumption } from './event.ts';
import { defaultOrders, epsilonFromRdp, rdpSubsampledGaussian } from './rdp.ts';

/** Made by dp_goldens.py (dp-accounting 0.6.0, SciPy quadrature for the *_exact fields). */
const golden = JSON.parse(readFileSync(new URL('../../../../test/golden/dp-accounting.json', import.meta.url), 'utf8'));

function expectRelative(actual: number, expected: number, tolerance: number, what: string): void {
  expect(Math.abs(actual - expected), `${what}: got ${actual}, expected ${expected}`).toBeLessThanOrEqual(
    tolerance * Math.abs(expected) + 1e-15,
  );
}

describe('the RDP accountant', () => {
  it('uses the orders of the reference', () => {
    expect(defaultOrders.length).toBe(golden.rdp_orders.length);
    defaultOrders.forEach((order, i) => expect(order).toBeCloseTo(golden.rdp_orders[i], 12));
  });

  it('agrees with quadrature at integer and fractional orders to 1e-6', () => {
    for (const { q, noise_multiplier: z, orders, rdp_exact: exact } of golden.rdp_curves) {
      orders.forEach((order: number, i: number) => {
        expectRelative(rdpSubsampledGaussian(order, q, z), exact[i], 1e-6, `q ${q}, z ${z}, order ${order}`);
      });
    }
  });

  it('gives the epsilon of the reference for 174 settings of rate, noise, steps and delta', () => {
    let rows = 0;
    for (const { q, noise_multiplier: z, steps, delta, epsilon_rdp_exact: exact } of golden.poisson_gaussian) {
      if (typeof exact !== 'number') continue;
      const rdp = defaultOrders.map((order) => steps * rdpSubsampledGaussian(order, q, z));
      expectRelative(
        epsilonFromRdp(rdp, defaultOrders, delta),
        exact,
        1e-6,
        `q ${q}, z ${z}, ${steps} steps, delta ${delta}`,
      );
      rows += 1;
    }
    expect(rows).toBeGreaterThan(100);
  });

  it('adds up two mechanisms on one population', () => {
    for (const { parts, delta, epsilon_rdp: expected } of golden.composition) {
      const events = parts.map((part: { q: number; noise_multiplier: number; steps: number }) => ({
        mechanism: 'gaussian' as const,
        noiseMultiplier: part.noise_multiplier,
        sampling: { claim: 'poisson' as const, rate: part.q },
        steps: part.steps,
      }));
      const epsilon = composeEpsilon(events, delta);
      // The reference is an upper bound at fractional orders, within 0.5 % here.
      expect(epsilon).toBeLessThanOrEqual(expected * (1 + 1e-9));
      expect(epsilon).toBeGreaterThan(expected * 0.99);
    }
  });

  it('charges T plain Gaussian steps like one with z / sqrt(T)', () => {
    const step = (noiseMultiplier: number, steps: number) =>
      composeEpsilon([{ mechanism: 'gaussian', noiseMultiplier, sampling: { claim: 'none' }, steps }], 1e-6);
    for (const [z, steps] of [
      [2, 4],
      [8, 100],
      [0.7, 9],
    ])
      expectRelative(step(z, steps), step(z / Math.sqrt(steps), 1), 1e-9, `${z}`);
  });

  it('never claims less than the privacy loss distribution proves necessary', () => {
    let rows = 0;
    for (const { q, noise_multiplier: z, steps, delta, epsilon_pld: tight } of golden.poisson_gaussian) {
      if (typeof tight !== 'number') continue;
      const sampling = { claim: 'poisson', rate: q } as const;
      const epsilon = composeEpsilon([{ mechanism: 'gaussian', noiseMultiplier: z, sampling, steps }], delta);
      expect(epsilon, `q ${q}, z ${z}, ${steps} steps, delta ${delta}`).toBeGreaterThanOrEqual(tight * (1 - 1e-9));
      rows += 1;
    }
    expect(rows).toBeGreaterThan(100);
  });

  it('charges more for more steps, less noise, a higher rate or a smaller delta, and the same for any order of events', () => {
    const event = fc.record({
      mechanism: fc.constant('gaussian' as const),
      noiseMultiplier: fc.constantFrom(0.7, 1, 2, 8),
      sampling: fc.constantFrom<SamplingAssumption>({ claim: 'none' }, { claim: 'poisson', rate: 0.05 }),
      steps: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 4 }), (events) => {
        const epsilon = composeEpsilon(events, 1e-5);
        const [first, ...rest] = events;
        expect(composeEpsilon([...rest, first], 1e-5)).toBeCloseTo(epsilon, 9);
        expect(composeEpsilon([...events, first], 1e-5)).toBeGreaterThan(epsilon);
        expect(composeEpsilon(events, 1e-6)).toBeGreaterThan(epsilon);
        expect(
          composeEpsilon([{ ...first, noiseMultiplier: first.noiseMultiplier * 2 }, ...rest], 1e-5),
        ).toBeLessThanOrEqual(epsilon);
        expect(composeEpsilon([{ ...first, sampling: { claim: 'none' } }, ...rest], 1e-5)).toBeGreaterThanOrEqual(
          epsilon,
        );
        const accountant = createAccountant();
        for (const one of rest) accountant.add(one);
        expect(accountant.epsilon(1e-5, first)).toBeCloseTo(epsilon, 9);
      }),
      { numRuns: 30 },
    );
  });

  it('makes no claim for what has none', () => {
    const good: MechanismEvent = { mechanism: 'gaussian', noiseMultiplier: 1, sampling: { claim: 'none' }, steps: 1 };
    expect(composeEpsilon([], 1e-5)).toBe(0);
    for (const bad of [
      { noiseMultiplier: 0 },
      { noiseMultiplier: -1 },
      { noiseMultiplier: Number.NaN },
      { noiseMultiplier: Number.POSITIVE_INFINITY },
      { steps: 0 },
      { steps: -1 },
      { steps: 1.5 },
      { sampling: { claim: 'poisson', rate: 0 } as const },
      { sampling: { claim: 'poisson', rate: 1.1 } as const },
      { sampling: { claim: 'poisson', rate: Number.NaN } as const },
    ]) {
      expect(() => composeEpsilon([{ ...good, ...bad }], 1e-5), JSON.stringify(bad)).toThrow(RangeError);
    }
    for (const delta of [0, 1, -1, Number.NaN]) expect(() => composeEpsilon([good], delta)).toThrow(RangeError);
  });

  it('adds up ten thousand charges like one of ten thousand steps', () => {
    const accountant = createAccountant();
    const event = { mechanism: 'gaussian', noiseMultiplier: 4, steps: 1 } as const;
    for (let i = 0; i < 10_000; i++) accountant.add({ ...event, sampling: { claim: 'poisson', rate: 0.01 } });
    const all = { ...event, sampling: { claim: 'poisson', rate: 0.01 } as const, steps: 10_000 };
    expect(accountant.epsilon(1e-6)).toBeCloseTo(composeEpsilon([all], 1e-6), 8);
    // dp-accounting.json: q = 0.01, z = 4, 10,000 steps at 1e-6.
    expect(accountant.epsilon(1e-6)).toBeCloseTo(1.1695, 4);
  });
});

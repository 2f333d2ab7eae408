import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { composeEpsilon } from './accountant.ts';
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
});

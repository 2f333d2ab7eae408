import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeEpsilon, createAccountant } from './accountant.ts';
import { gaussianDelta, gaussianEpsilon, gaussianMu } from './analytic-gaussian.ts';
import { calibrateNoiseMultiplier } from './calibrate.ts';
import { type MechanismEvent, relationOf } from './event.ts';
import { chargedLeaves, distributedEpsilon, eventRdp } from './event-rdp.ts';
import { normalTail } from './normal-tail.ts';

/** Made by dp_goldens.py (dp-accounting 0.6.0, mpmath). */
const golden = JSON.parse(readFileSync(new URL('../../../../test/golden/dp-accounting.json', import.meta.url), 'utf8'));

const poisson = (rate: number, noiseMultiplier: number, steps: number): MechanismEvent => ({
  mechanism: 'gaussian',
  noiseMultiplier,
  sampling: rate === 1 ? { claim: 'none' } : { claim: 'poisson', rate },
  steps,
});
const tree = (noiseMultiplier: number, firstLeaf: number, steps: number): MechanismEvent => ({
  mechanism: 'tree',
  noiseMultiplier,
  firstLeaf,
  steps,
});

interface Row {
  readonly plan: string;
  readonly ours: number;
  readonly reference: number;
}
/** Prints plan, ours, reference and ratio, and expects every ratio within the bounds. */
function expectTable(title: string, rows: readonly Row[], least: number, most: number): void {
  const cell = (value: number) => value.toPrecision(7).padStart(11);
  const lines = rows.map(
    ({ plan, ours, reference }) =>
      `${plan.padEnd(44)}${cell(ours)}${cell(reference)}  ${(ours / reference).toFixed(7)}`,
  );
  console.log([`${title} (plan, ours, reference, ratio)`, ...lines].join('\n'));
  for (const { plan, ours, reference } of rows) {
    expect(ours / reference, plan).toBeGreaterThanOrEqual(least);
    expect(ours / reference, plan).toBeLessThanOrEqual(most);
  }
}

describe('the golden table', () => {
  it('of privacy loss distributions: within a hundred-thousandth of the reference', () => {
    const rows = golden.poisson_gaussian
      .filter((row: { epsilon_pld: unknown }) => typeof row.epsilon_pld === 'number')
      // Large epsilons take their time, and nobody publishes them.
      .filter((row: { epsilon_pld: number }) => row.epsilon_pld < 20)
      .map((row: { q: number; noise_multiplier: number; steps: number; delta: number; epsilon_pld: number }) => ({
        plan: `pld q ${row.q} z ${row.noise_multiplier} T ${row.steps} delta ${row.delta}`,
        ours: composeEpsilon([poisson(row.q, row.noise_multiplier, row.steps)], row.delta, 'pld'),
        reference: row.epsilon_pld,
      }));
    expect(rows.length).toBeGreaterThan(130);
    // Rounding errors are in our bound; they show most where one step of little noise has few digits to lose.
    expectTable('Poisson sampling, PLD', rows, 1 - 1e-7, 1 + 1e-5);
  });

  it('of RDP: within a millionth of quadrature', () => {
    const rows = golden.poisson_gaussian
      .filter((row: { epsilon_rdp_exact: unknown }) => typeof row.epsilon_rdp_exact === 'number')
      .map((row: { q: number; noise_multiplier: number; steps: number; delta: number; epsilon_rdp_exact: number }) => ({
        plan: `rdp q ${row.q} z ${row.noise_multiplier} T ${row.steps} delta ${row.delta}`,
        ours: composeEpsilon([poisson(row.q, row.noise_multiplier, row.steps)], row.delta),
        reference: row.epsilon_rdp_exact,
      }));
    expectTable('Poisson sampling, RDP', rows, 1 - 1e-6, 1 + 1e-6);
  });

  it('of two tasks, trees and cohorts of fixed size', () => {
    const rows: Row[] = [];
    for (const { parts, delta, epsilon_pld: reference } of golden.composition) {
      const events = parts.map((part: { q: number; noise_multiplier: number; steps: number }) =>
        poisson(part.q, part.noise_multiplier, part.steps),
      );
      rows.push({ plan: 'two tasks, pld', ours: composeEpsilon(events, delta, 'pld'), reference });
    }
    for (const row of golden.tree_aggregation) {
      // Of several trees, in the reference, a person is in one alone: the largest counts.
      const leaves = Math.max(...row.step_counts);
      const ours = composeEpsilon([tree(row.noise_multiplier, 1, leaves)], row.delta);
      rows.push({ plan: `tree z ${row.noise_multiplier}, ${row.step_counts}`, ours, reference: row.epsilon_rdp });
    }
    for (const row of golden.without_replacement) {
      const sampling = { claim: 'fixed-size', population: row.population, cohort: row.cohort } as const;
      const noiseMultiplier = row.noise_multiplier_add_remove;
      const event = { mechanism: 'gaussian', noiseMultiplier, sampling, steps: row.steps } as const;
      const plan = `${row.cohort} of ${row.population}, z ${noiseMultiplier}, T ${row.steps}`;
      rows.push({ plan, ours: composeEpsilon([event], row.delta), reference: row.epsilon_rdp });
    }
    expectTable('Compositions', rows, 1 - 1e-6, 1 + 1e-6);
  });

  it('of the analytic Gaussian mechanism', () => {
    const rows = golden.analytic_gaussian.map((row: { epsilon: number; delta: number; sigma: number }) => ({
      plan: `sigma at epsilon ${row.epsilon}, delta ${row.delta}`,
      ours: 1 / gaussianMu(row.epsilon, row.delta),
      reference: row.sigma,
    }));
    expectTable('Analytic Gaussian', rows, 1 - 1e-9, 1 + 1e-9);
  });

  it('of noise on integers: shares of discrete Gaussians, and Skellam', () => {
    for (const row of golden.ddgauss) {
      const [sensitivity, sigma] = [row.inflated_norm / row.granularity, row.local_stddev / row.granularity];
      const event = { sensitivity, localStandardDeviation: sigma, noises: row.clients, dimension: row.dimension };
      const epsilon = distributedEpsilon({ mechanism: 'distributed-discrete-gaussian', ...event, steps: 1 });
      expect(Math.abs(epsilon / row.epsilon_cdp - 1)).toBeLessThan(1e-9);
    }
    for (const row of golden.skellam) {
      const event = { sensitivity: row.sensitivity_l2, sensitivityL1: row.sensitivity_l1, variance: row.variance };
      const bound = eventRdp({ mechanism: 'skellam', ...event, steps: 1 }, row.order);
      expect(Math.abs(bound / row.rdp_bound - 1)).toBeLessThan(1e-9);
      expect(bound).toBeGreaterThanOrEqual(row.rdp_exact_1d);
    }
  });
});

describe('the normal distribution', () => {
  it('has the tails of the reference, however far out', () => {
    // mpmath.ncdf(-x) to 15 digits.
    for (const [x, tail] of [
      [0, 0.5],
      [1, 0.158655253931457],
      [2.9, 1.86581330038404e-3],
      [3.1, 9.67603213218359e-4],
      [6, 9.86587645037698e-10],
      [20, 2.75362411860624e-89],
    ]) {
      expect(Math.abs(normalTail(x) / tail - 1)).toBeLessThan(2e-12);
    }
  });

  it('gives the exact epsilon of Gaussian noise: delta of it is delta', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 30, noNaN: true }), fc.integer({ min: 2, max: 12 }), (mu, digits) => {
        const delta = 10 ** -digits;
        const epsilon = gaussianEpsilon(delta, mu);
        if (epsilon === 0) expect(gaussianDelta(0, mu)).toBeLessThanOrEqual(delta);
        else expect(Math.abs(gaussianDelta(epsilon, mu) / delta - 1)).toBeLessThan(1e-6);
      }),
    );
  });
});

describe('an accountant', () => {
  const event = fc.oneof(
    fc.record({
      mechanism: fc.constant('gaussian' as const),
      noiseMultiplier: fc.constantFrom(1, 2, 6),
      sampling: fc.constantFrom({ claim: 'none' as const }, { claim: 'poisson' as const, rate: 0.02 }),
      steps: fc.integer({ min: 1, max: 40 }),
    }),
    fc.record({
      mechanism: fc.constant('tree' as const),
      noiseMultiplier: fc.constantFrom(4, 9),
      firstLeaf: fc.constant(1),
      steps: fc.integer({ min: 1, max: 40 }),
    }),
    fc.record({
      mechanism: fc.constant('discrete-gaussian' as const),
      noiseMultiplier: fc.constantFrom(3, 8),
      steps: fc.integer({ min: 1, max: 4 }),
    }),
  );

  it('says more with more events and less with more noise, and by distributions never more than by RDP', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 3 }), (events) => {
        const epsilon = composeEpsilon(events, 1e-5, 'pld');
        const [first, ...rest] = events;
        expect(epsilon).toBeLessThanOrEqual(composeEpsilon(events, 1e-5, 'rdp'));
        expect(composeEpsilon([...events, first], 1e-5, 'pld')).toBeGreaterThanOrEqual(epsilon);
        const quieter = { ...first, noiseMultiplier: first.noiseMultiplier * 1.5 };
        expect(composeEpsilon([quieter, ...rest], 1e-5, 'pld')).toBeLessThanOrEqual(epsilon * (1 + 1e-9));
        expect(composeEpsilon(events, 1e-6, 'pld')).toBeGreaterThanOrEqual(epsilon);
        const accountant = createAccountant('pld');
        for (const one of rest) accountant.add(one);
        expect(accountant.epsilon(1e-5, first)).toBeCloseTo(epsilon, 7);
      }),
      { numRuns: 10 },
    );
  });

  it('says more for a higher rate of sampling', () => {
    const spent = [0.001, 0.01, 0.1, 1].map((rate) => composeEpsilon([poisson(rate, 1.5, 50)], 1e-6, 'pld'));
    expect(spent).toEqual([...spent].sort((a, b) => a - b));
  });

  it('of T Gaussian steps is one Gaussian with z / sqrt(T), exactly', () => {
    for (const [z, steps] of [
      [2, 1],
      [4, 100],
      [31, 5000],
    ]) {
      const epsilon = composeEpsilon([poisson(1, z, steps)], 1e-6, 'pld');
      expect(epsilon / gaussianEpsilon(1e-6, Math.sqrt(steps) / z)).toBeCloseTo(1, 9);
    }
    // Known answers: (z, T, delta) = (4, 100, 1e-6).
    expect(composeEpsilon([poisson(1, 4, 100)], 1e-6, 'pld')).toBeCloseTo(14.45078, 5);
  });

  it('charges a tree for its height: at leaves that are powers of two', () => {
    const charged = Array.from({ length: 20 }, (_, i) =>
      chargedLeaves({ mechanism: 'tree', noiseMultiplier: 1, firstLeaf: i + 1, steps: 1 }),
    );
    expect(charged.flatMap((count, i) => (count === 1 ? [i + 1] : []))).toEqual([1, 2, 4, 8, 16]);
    const leaves = Array.from({ length: 1000 }, (_, i) => tree(8, i + 1, 1));
    expect(composeEpsilon(leaves, 1e-6, 'pld')).toBeCloseTo(composeEpsilon([tree(8, 1, 1000)], 1e-6, 'pld'), 9);
    expect(composeEpsilon([tree(8, 1, 1000), tree(8, 1, 1000)], 1e-6)).toBeGreaterThan(
      composeEpsilon([tree(8, 1, 1000)], 1e-6),
    );
  });

  it('does not add up claims of different relations', () => {
    const fixed = {
      mechanism: 'gaussian',
      noiseMultiplier: 4,
      sampling: { claim: 'fixed-size', population: 100, cohort: 10 },
      steps: 1,
    } as const;
    expect(relationOf(fixed)).toBe('replace');
    const accountant = createAccountant();
    accountant.add(fixed);
    expect(() => accountant.add(poisson(1, 4, 1))).toThrow(/do not add up/);
    expect(() => accountant.epsilon(1e-6, poisson(1, 4, 1))).toThrow(RangeError);
  });

  it('answers for events out of all proportion too, soon, and with no number that is none', () => {
    const shares = { mechanism: 'distributed-discrete-gaussian', sensitivity: 3, dimension: 10, steps: 1 } as const;
    const events: readonly MechanismEvent[] = [
      ...[1e-200, 1e-3, 1e5, 1e150].flatMap((z) => [poisson(1e-9, z, 1), poisson(0.5, z, 2 ** 40), poisson(1, z, 1)]),
      ...[1e-3, 1, 50].map((sigma) => ({ ...shares, localStandardDeviation: sigma, noises: 2 ** 50 })),
      tree(1e-9, 1, 2 ** 52),
      { mechanism: 'skellam', sensitivity: 1e9, sensitivityL1: 1e12, variance: 1e-9, steps: 2 ** 50 },
    ];
    for (const event of events) {
      const byRdp = composeEpsilon([event], 1e-6, 'rdp');
      const byPld = composeEpsilon([event], 1e-6, 'pld');
      expect(byRdp, JSON.stringify(event)).toBeGreaterThanOrEqual(0);
      expect(byPld, JSON.stringify(event)).toBeGreaterThanOrEqual(0);
      expect(byPld, JSON.stringify(event)).toBeLessThanOrEqual(byRdp);
    }
  });

  it('bounds the shares of very many devices, whose terms it does not all sum, from above', () => {
    const [noises, sigma, dimension, sensitivity] = [30_000, 0.7, 100, 3];
    const shares = { mechanism: 'distributed-discrete-gaussian', sensitivity, dimension, steps: 1 } as const;
    const epsilon = distributedEpsilon({ ...shares, noises, localStandardDeviation: sigma });
    let tau = 0;
    for (let k = 1; k < noises; k++) tau += 10 * Math.exp((-2 * Math.PI ** 2 * sigma ** 2 * k) / (k + 1));
    const ratio = sensitivity / (Math.sqrt(noises) * sigma);
    const exact = Math.min(Math.sqrt(ratio ** 2 + (tau * dimension) / 2), ratio + tau * Math.sqrt(dimension));
    expect(epsilon).toBeGreaterThanOrEqual(exact);
    expect(epsilon).toBeLessThan(1.001 * exact);
  });

  it('charges one person for the costliest releases that she can be in, whichever they are', () => {
    const multiplier = fc.double({ min: 0.8, max: 6, noNaN: true });
    const kinds = fc.constantFrom('rdp' as const, 'pld' as const);
    fc.assert(
      fc.property(
        fc.array(multiplier, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 7 }),
        kinds,
        (zs, most, kind) => {
          const cap = { task: 'films', most };
          const none = { mechanism: 'gaussian', sampling: { claim: 'none' }, steps: 1 } as const;
          const capped = zs.map((noiseMultiplier) => ({ ...none, noiseMultiplier, participation: cap }));
          const plain = zs.map((noiseMultiplier) => ({ ...none, noiseMultiplier }));
          const worst = [...plain].sort((a, b) => a.noiseMultiplier - b.noiseMultiplier).slice(0, most);
          const epsilon = composeEpsilon(capped, 1e-6, kind);
          expect(epsilon / composeEpsilon(worst, 1e-6, kind)).toBeCloseTo(1, 9);
          // No choice of as many is above it, and `next` is as if added.
          expect(epsilon).toBeGreaterThanOrEqual(composeEpsilon(plain.slice(-most), 1e-6, kind) * (1 - 1e-9));
          const accountant = createAccountant(kind);
          for (const event of capped.slice(0, -1)) accountant.add(event);
          expect(accountant.epsilon(1e-6, capped[capped.length - 1])).toBeCloseTo(epsilon, 9);
        },
      ),
    );
  });

  it('adds up the releases of two tasks, each of which has a cap of its own, and those without', () => {
    const of = (task: string, most: number, steps: number): MechanismEvent => ({
      mechanism: 'discrete-gaussian',
      noiseMultiplier: 5,
      steps,
      participation: { task, most },
    });
    const plain = (steps: number): MechanismEvent => ({ mechanism: 'discrete-gaussian', noiseMultiplier: 5, steps });
    const together = composeEpsilon([of('films', 3, 100), of('books', 2, 1), of('books', 2, 9), plain(4)], 1e-6);
    expect(together).toBeCloseTo(composeEpsilon([plain(3 + 2 + 4)], 1e-6), 12);
    const sampled = { ...poisson(0.1, 2, 1), participation: { task: 'films', most: 2 } };
    expect(() => composeEpsilon([sampled], 1e-6)).toThrow(/caps participation and assumes sampling/);
  });

  it('says infinity where the losses that it cannot bound are more than delta', () => {
    expect(composeEpsilon([poisson(0.5, 1, 10)], 1e-20, 'pld')).toBeGreaterThan(10);
    expect(composeEpsilon([poisson(1, 1e-3, 1)], 1e-6, 'pld')).toBeGreaterThan(1e5);
  });
});

describe('the calibration of noise', () => {
  it.each([
    ['rdp', 1, 8, 5],
    ['pld', 1, 8, 5],
    ['pld', 0.01, 4, 500],
    ['pld', 0.001, 0.5, 20],
    ['rdp', 0.05, 2, 100],
  ] as const)(
    'by %s at rate %f to epsilon %f in %i steps is enough, and hardly more',
    (accountant, rate, epsilon, steps) => {
      const events = (z: number) => [poisson(rate, z, steps)];
      const noiseMultiplier = calibrateNoiseMultiplier({ epsilon, delta: 1e-6, accountant, events });
      expect(composeEpsilon(events(noiseMultiplier), 1e-6, accountant)).toBeLessThanOrEqual(epsilon);
      expect(composeEpsilon(events(noiseMultiplier * 0.998), 1e-6, accountant)).toBeGreaterThan(epsilon);
    },
  );

  it('without sampling is the analytic one', () => {
    const events = (z: number) => [poisson(1, z, 1)];
    const noiseMultiplier = calibrateNoiseMultiplier({ epsilon: 8, delta: 1e-6, accountant: 'pld', events });
    expect(noiseMultiplier).toBe(0.653);
  });

  it('refuses what cannot be reached', () => {
    const events = (z: number) => [poisson(1, z, 1)];
    for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => calibrateNoiseMultiplier({ epsilon: bad, delta: 1e-6, accountant: 'rdp', events })).toThrow(
        RangeError,
      );
      expect(() => calibrateNoiseMultiplier({ epsilon: 1, delta: bad, accountant: 'rdp', events })).toThrow(RangeError);
    }
    expect(() => calibrateNoiseMultiplier({ epsilon: 1e-9, delta: 1e-300, accountant: 'rdp', events })).toThrow(
      /No noise multiplier/,
    );
  });
});

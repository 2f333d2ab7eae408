import { composeEpsilon } from '@tributary/privacy';
import { payloadSections } from '@tributary/protocol';
import { describe, expect, it } from 'vitest';
import { securePlanOf } from '../round/secure-plan.ts';
import { smallDocument } from '../testing/small-world.ts';
import { allRounds, NoisePlanError, withCalibratedNoise } from './calibrate-noise.ts';
import { roundNoiseOf } from './round-noise.ts';

const taskOf = (plan: 'secure' | 'sealed', noise: object) =>
  smallDocument({
    rounds: 12,
    cohort: { target: 40, minimum: 30 },
    privacy: { plan, clipNorm: 1, noise: { delta: 1e-6, budget: 4, ...noise } },
  });

describe('noise that is left to be calibrated', () => {
  it.each([
    ['secure', {}],
    ['secure', { placement: 'central' }],
    ['secure', { placement: 'local', mechanism: 'skellam' }],
    ['sealed', {}],
    ['sealed', { accountant: 'rdp' }],
    ['secure', { participations: 3 }],
    ['sealed', { participations: 3 }],
    ['sealed', { mechanism: 'tree', leaves: 5 }],
    ['sealed', { sampling: { claim: 'poisson', rate: 0.05 } }],
    ['sealed', { sampling: { claim: 'fixed-size', population: 1000 } }],
  ] as const)('brings all rounds of the plan %s with %j within the budget, and hardly less', (plan, noise) => {
    const { privacy, ...rest } = withCalibratedNoise(taskOf(plan, noise));
    const z = privacy.noise?.noiseMultiplier ?? 0;
    const spent = (value: number) =>
      composeEpsilon(allRounds({ privacy, ...rest }, value), 1e-6, privacy.noise?.accountant);
    expect(spent(z)).toBeLessThanOrEqual(4);
    expect(spent(z)).toBeGreaterThan(3.98);
  });

  it('is for as many rounds as one person takes part in', () => {
    const z = (noise: object, rounds = 12) =>
      withCalibratedNoise({ ...taskOf('secure', noise), rounds }).privacy.noise?.noiseMultiplier;
    expect(z({ participations: 3 })).toBe(z({}, 3));
    expect(z({ participations: 50 })).toBe(z({}));
  });

  it('leaves what is written down, and tasks without noise, as they are', () => {
    const written = taskOf('secure', { noiseMultiplier: 3 });
    expect(withCalibratedNoise(written)).toBe(written);
    const without = smallDocument({});
    expect(withCalibratedNoise(without)).toBe(without);
  });

  it('says what to change where no noise is enough', () => {
    expect(() => withCalibratedNoise(taskOf('secure', { budget: 1e-12, delta: 1e-300 }))).toThrow(NoisePlanError);
    expect(() => withCalibratedNoise(taskOf('secure', { budget: 1e-12, delta: 1e-300 }))).toThrow(
      /Raise privacy.noise.budget/,
    );
  });

  it.each([
    [4, 1],
    [8, 10],
    [20, 50],
  ])('of Skellam is enough for what is charged: epsilon %s in %s rounds', (budget, rounds) => {
    const task = withCalibratedNoise({ ...taskOf('secure', { mechanism: 'skellam', budget }), rounds });
    const sections = payloadSections(1000, true);
    const secure = { ...securePlanOf(task, sections), identityLog: null };
    const charged = roundNoiseOf(task, { sections, clipNorm: 1, evaluationScale: task.evaluation.scale, secure }, null);
    if (!charged) throw new Error('The task adds no noise.');
    const spent = composeEpsilon(new Array(rounds).fill(charged.event), 1e-6, 'pld');
    expect(spent).toBeLessThanOrEqual(budget);
    expect(spent).toBeGreaterThan(0.9 * budget);
  });

  it('is none that no document may have: what is stored can be read again', () => {
    const task = { ...taskOf('sealed', { budget: 0.0065 }), rounds: 1000 };
    expect(() => withCalibratedNoise(task)).toThrow(/takes a noise multiplier of \d+, which the task cannot have/);
    const split = taskOf('secure', { budget: 0.5, adaptiveClip: {} });
    expect(() => withCalibratedNoise(split)).toThrow(
      /privacy.noise.adaptiveClip: expected a standardDeviation above half/,
    );
  });
});

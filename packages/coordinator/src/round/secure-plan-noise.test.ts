import { multiplierOfShare } from '@tributary/privacy';
import { payloadSections } from '@tributary/protocol';
import { describe, expect, it } from 'vitest';
import { smallDocument } from '../testing/small-world.ts';
import { noisyVectorOf, SecurePlanError, securePlanOf } from './secure-plan.ts';

const sections = payloadSections(1000, true);
const taskOf = (noise: object, cohort: object = {}, secure: object = {}) =>
  smallDocument({
    cohort: { target: 100, minimum: 80, overSelection: 1, ...cohort },
    privacy: { plan: 'secure', clipNorm: 2, secure, noise: { noiseMultiplier: 1.5, delta: 1e-6, budget: 8, ...noise } },
  });
function planned(noise: object, cohort: object = {}, secure: object = {}) {
  const task = taskOf(noise, cohort, secure);
  const plan = securePlanOf(task, sections);
  const vector = noisyVectorOf({ sections, clipNorm: 2, evaluationScale: task.evaluation.scale, secure: plan });
  return { plan, vector };
}

describe('the noise of a secure plan', () => {
  it('is added by the devices unless the task says otherwise, and reaches its noise multiplier', () => {
    const { plan, vector } = planned({});
    if (!plan.noise) throw new Error('no noise');
    expect(multiplierOfShare(plan.noise, vector)).toBeCloseTo(1.5, 9);
    expect(plan.noise.mechanism).toBe('discrete-gaussian');
    expect(plan.tally).toBe('nothing');
    for (const noise of [{ placement: 'central' }, { mechanism: 'gaussian' }]) {
      expect(planned(noise).plan).toMatchObject({ noise: null, tally: 'nothing' });
    }
  });

  it('counts on the honest devices of the smallest sum that can be opened', () => {
    // Of 80 to 100 devices 5 may be corrupt and 10 % lost: at 80, thresholds are 42 to 71, their middle 57, and 57 + 1 - 4 = 54 honest.
    expect(planned({}).plan.noise?.noises).toBe(54);
    // The reference's figure for rosters of 800 to 1,000: 452 at 800.
    expect(planned({}, { target: 1000, minimum: 800 }).plan.noise?.noises).toBe(452);
    // A coordinator that follows the protocol would open 80 - 30; nobody's minimum of opened inputs is more than that then.
    expect(planned({}, {}, { corrupt: 0.3, dropout: 0 }).plan.noise?.noises).toBeLessThanOrEqual(50);
    expect(planned({ placement: 'local' }).plan.noise?.noises).toBe(1);
  });

  it('leaves the contributions the more, the more the indicator has', () => {
    const { plan, vector } = planned({ adaptiveClip: { standardDeviation: 2 } });
    if (!plan.noise) throw new Error('no noise');
    expect(plan.tally).toBe('within-clip');
    expect(multiplierOfShare(plan.noise, vector)).toBeCloseTo(1.5, 9);
    const without = planned({}).plan.noise;
    expect(plan.noise.variance / (without?.variance ?? 0)).toBeGreaterThan(1);
  });

  it('makes room on the grid for all devices at once', () => {
    const quiet = securePlanOf(
      smallDocument({
        cohort: { target: 100, minimum: 80, overSelection: 1 },
        privacy: { plan: 'secure', clipNorm: 2 },
      }),
      sections,
    );
    const { plan } = planned({ noiseMultiplier: 100 });
    expect(plan.scale).toBeLessThan(quiet.scale / 2);
    const total = Math.sqrt((plan.noise?.variance ?? 0) * plan.rosterMaximum);
    expect(total * Math.sqrt(2 * Math.log(2000 * 2 ** 20))).toBeLessThan(2 ** 19);
  });

  it('is refused where the grid is too coarse for it, with the remedy', () => {
    expect(() => planned({ noiseMultiplier: 0.01 }, {}, { bits: 14 })).toThrow(SecurePlanError);
    expect(() => planned({ noiseMultiplier: 0.01 }, {}, { bits: 14 })).toThrow(
      /at least 4 are needed. Raise privacy.secure.bits/,
    );
  });

  it('sums halves of an adaptive clip norm on a grid that has them', () => {
    for (const standardDeviation of [2, 3, 5, 8.3]) {
      const { plan } = planned({ adaptiveClip: { standardDeviation } });
      expect(plan.metricsScale % 2).toBe(0);
    }
  });

  it('is refused where its samplers have no table for it, or its parts do not go together, before a round is run', () => {
    // Skellam's table is the smaller one: its grid is as coarse as it has to be, however many bits there are.
    for (const bits of [20, 24, 32]) {
      const { plan, vector } = planned({ mechanism: 'skellam' }, {}, { bits });
      expect(Math.max(plan.noise?.variance ?? 0, plan.noise?.metricsVariance ?? 0)).toBeLessThanOrEqual(2 ** 28);
      expect(plan.noise && multiplierOfShare(plan.noise, vector)).toBeCloseTo(1.5, 9);
    }
    expect(() => planned({ mechanism: 'skellam', adaptiveClip: { standardDeviation: 5000 } })).toThrow(
      /drawn as skellam/,
    );
    const fine = taskOf({ placement: 'central', noiseMultiplier: 5 });
    const tiny = { ...fine, evaluation: { ...fine.evaluation, scale: 1e-7 } };
    expect(() => securePlanOf(tiny, sections)).toThrow(/steps of the grid; at most 134217728/);
    const { privacy, ...rest } = taskOf({ adaptiveClip: {} });
    const unsplit = {
      ...rest,
      privacy: { ...privacy, noise: privacy.noise && { ...privacy.noise, noiseMultiplier: 30 } },
    };
    expect(() => securePlanOf(unsplit, sections)).toThrow(SecurePlanError);
  });
});

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
});

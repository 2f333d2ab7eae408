import { encodeSection, roundedSensitivity, seededResearchRandom } from '@tributary/privacy';
import { payloadSections } from '@tributary/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { smallDocument } from '../testing/small-world.ts';
import { encodingsOf, SecurePlanError, securePlanOf, secureSensitivity } from './secure-plan.ts';

const sections = payloadSections(1000, true);
const taskOf = (cohort: object, secure: object = {}, evaluation: object = {}) =>
  smallDocument({
    cohort: { target: 100, minimum: 80, overSelection: 1, ...cohort },
    privacy: { plan: 'secure', clipNorm: 2, secure },
    evaluation,
  });

describe('the plan of secure rounds', () => {
  it('is the full graph for a small cohort, and the graph of the reference for a large one', () => {
    expect(securePlanOf(taskOf({}), sections)).toMatchObject({
      degree: 0,
      threshold: 0,
      inDegreeCap: 99,
      rosterMaximum: 100,
      corrupt: 500,
      dropout: 1000,
      bits: 20,
      metricsBits: 32,
      phaseMilliseconds: 30_000,
    });
    // The reference's answer for 800 to 1,000 devices, a twentieth corrupt and a tenth lost.
    expect(securePlanOf(taskOf({ target: 1000, minimum: 800 }), sections)).toMatchObject({ degree: 90, threshold: 58 });
  });

  it('has a scale at which the sum of as many as are invited fits, and no finer one would', () => {
    const { scale, metricsScale } = securePlanOf(taskOf({}), sections);
    // Of section 4's formula: d = 1000, d' = 512, K = sqrt(2 ln(2 d / 2^-20)), n = 100, the contribution's share of the clip norm.
    const bound = 2 * Math.sqrt(1 - 6 * 0.01 ** 2);
    const deviations = Math.sqrt(2 * Math.log(2000 * 2 ** 20));
    const room = (2 ** 20 / (2 * deviations)) ** 2 - 25;
    expect(scale).toBeCloseTo(Math.sqrt((room * 512) / (100 * bound) ** 2), 6);
    expect(100 * metricsScale).toBeLessThan(2 ** 31);
    expect(100 * (metricsScale + 1)).toBeGreaterThanOrEqual(2 ** 31);
    expect(securePlanOf(taskOf({}, { alignment: 0.5 }), sections).scale).toBeCloseTo(2 * scale, 6);
  });

  it.each([
    [
      'fractions for which no threshold exists',
      { target: 30, minimum: 20 },
      { corrupt: 0.4, dropout: 0.4 },
      /threshold/,
    ],
    ['a width that the sum does not fit', { target: 5000, minimum: 4000 }, { bits: 8 }, /8 bits are too few/],
    ['more devices than a roster may have', { target: 10_001, minimum: 20 }, {}, /10001 devices.*at most 10000/],
  ])('is refused for %s, with the arithmetic', (_, cohort, secure, message) => {
    expect(() => securePlanOf(taskOf(cohort, secure), sections)).toThrow(SecurePlanError);
    expect(() => securePlanOf(taskOf(cohort, secure), sections)).toThrow(message);
  });
});

describe('the sensitivity of a secure sum', () => {
  it('is a bound on what any device adds, and hardly more than the clip norm', () => {
    const task = taskOf({}, { bits: 16 });
    const described = {
      sections: payloadSections(64, true),
      clipNorm: 2,
      evaluationScale: task.evaluation.scale,
      secure: securePlanOf(task, payloadSections(64, true)),
    };
    const [contribution, metrics] = encodingsOf(described);
    const bound = secureSensitivity(described);
    expect(bound).toBeGreaterThan(2);
    expect(bound).toBeLessThan(2.01);
    expect(bound ** 2 - roundedSensitivity(contribution) ** 2).toBeCloseTo(6 * 0.02 ** 2, 6);
    const random = seededResearchRandom(1);
    const lifted = (value: number, bits: number) => (value << (32 - bits)) >> (32 - bits);
    const coordinate = fc.float({ noNaN: true, noDefaultInfinity: true, min: -100, max: 100 });
    fc.assert(
      fc.property(
        fc.array(coordinate, { minLength: 64, maxLength: 64 }),
        fc.array(fc.float({ noNaN: true, min: 0, max: 1 }), { minLength: 7, maxLength: 7 }),
        (vector, measured) => {
          const moved = encodeSection(Float32Array.from(vector), contribution, new Uint8Array(32), random);
          const told = encodeSection(Float32Array.from(measured), metrics, new Uint8Array(32), random);
          let squares = 0;
          for (const value of moved) squares += (lifted(value, contribution.bits) / contribution.scale) ** 2;
          for (const value of told.subarray(0, 6)) squares += (0.02 * (lifted(value, 32) / metrics.scale)) ** 2;
          expect(Math.sqrt(squares)).toBeLessThanOrEqual(bound * (1 + 1e-12));
        },
      ),
    );
  });
});

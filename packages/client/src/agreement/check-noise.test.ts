/** What a device checks of the noise that a round has it add, before it sends anything. */
import { composeEpsilon, noiseShareOf } from '@tributary/privacy';
import { evaluationUnit, type RoundDescriptor, type SecureRoundDescription } from '@tributary/protocol';
import { describe, expect, it } from 'vitest';
import { sectionEncodings } from '../training/index.ts';
import { checkNoise, spendOf } from './check-noise.ts';
import { defaultNoiseAgreement } from './noise-agreement.ts';

const agreement = { noise: defaultNoiseAgreement, secure: { corrupt: 0.05 } };
const context = {
  lastRound: 0,
  uploads: 0,
  spent: [],
  noise: { placement: 'distributed', budget: 8, delta: 1e-6, participations: null },
} as const;

/** A round of 80 to 100 devices that promises z = 1.5 by 70 honest noises. */
function roundOf(secure: Partial<SecureRoundDescription> = {}, indicatorStandardDeviation: number | null = null) {
  const without: RoundDescriptor = {
    protocol: 1,
    task: 'films',
    round: 1,
    modelVersion: 'cc'.repeat(32),
    layoutHash: 'aa'.repeat(32),
    contributionLayoutHash: 'bb'.repeat(32),
    sections: { contribution: 200, evaluation: 6, weight: 1 },
    plan: 'secure',
    secure: {
      bits: 20,
      scale: 1000,
      metricsBits: 32,
      metricsScale: 4096,
      degree: 0,
      threshold: 0,
      inDegreeCap: 99,
      rosterMaximum: 100,
      corrupt: 500,
      dropout: 1000,
      phaseMilliseconds: 30_000,
      tally: indicatorStandardDeviation === null ? 'nothing' : 'within-clip',
      noise: null,
      identityLog: null,
      ...secure,
    },
    clipNorm: 1,
    noiseMultiplier: 1.5,
    noisePlacement: 'distributed',
    treeFirstRound: null,
    participations: null,
    weighting: { kind: 'uniform' },
    evaluationScale: 0.01,
    cohortTarget: 100,
    cohortMinimum: 80,
    collectionMilliseconds: 1000,
    sealingKey: null,
    nonce: new Uint8Array(32),
    signature: new Uint8Array(64),
  };
  const [contribution, metrics] = sectionEncodings(without);
  const vector = { contribution, metrics, metricsUnit: evaluationUnit(1, 0.01) };
  const demand = {
    mechanism: 'discrete-gaussian',
    noiseMultiplier: 1.5,
    noises: 70,
    indicatorStandardDeviation,
  } as const;
  return { ...without, secure: { ...(without.secure as SecureRoundDescription), noise: noiseShareOf(vector, demand) } };
}

type Round = ReturnType<typeof roundOf>;
const changed = (round: Round, secure: object, share: object = {}): RoundDescriptor => ({
  ...round,
  secure: { ...round.secure, ...secure, noise: { ...round.secure.noise, ...share } },
});
const refused = (round: RoundDescriptor, message: RegExp) =>
  expect(() => checkNoise(agreement, round, context)).toThrow(
    expect.objectContaining({ code: 'policy', message: expect.stringMatching(message) }),
  );

describe('the noise of a round', () => {
  it('is taken where the shares of enough honest devices reach what is promised', () => {
    checkNoise(agreement, roundOf(), context);
    checkNoise(agreement, { ...roundOf({}, 5), noiseMultiplier: 1.4 }, context);
    checkNoise(agreement, { ...roundOf(), noiseMultiplier: 1.4 }, context);
  });

  it('is refused where they do not, in any of the coordinates', () => {
    const { variance, metricsVariance } = roundOf().secure.noise;
    refused(
      changed(roundOf(), {}, { variance: variance * 0.99 }),
      /reaches a noise multiplier of 1\.4\d*; .* promises 1.5/,
    );
    refused(changed(roundOf(), {}, { metricsVariance: metricsVariance * 0.99 }), /reaches a noise multiplier/);
    refused({ ...roundOf({}, 5), noiseMultiplier: 1.5 }, /reaches a noise multiplier/);
  });

  it('is refused where it counts on more honest devices than there may be', () => {
    refused(changed(roundOf(), {}, { noises: 76 }), /noise of 76 honest devices in a sum; this device on that of 75/);
  });

  it('is refused on so coarse a grid that rounding leaves hardly any of it', () => {
    refused(roundOf({ scale: 3 }), /standard deviation of 1\.49 steps of the grid, below 4/);
    refused({ ...roundOf({ metricsScale: 4 }, 5), noiseMultiplier: 1.4 }, /steps of the grid, below 4/);
  });

  it('is refused where a number of each device would be summed without it', () => {
    refused(changed(roundOf(), { tally: 'weight' }), /weights of devices as they are/);
    refused(changed(roundOf(), { tally: 'within-clip' }), /without noise on it/);
    refused(changed(roundOf({}, 5), { tally: 'nothing' }), /tally that it does not sum/);
    refused(
      { ...roundOf({ metricsScale: 4097 }, 5), noiseMultiplier: 1.4 },
      /grid of 4097 steps; expected an even number/,
    );
    // Of noise that the coordinator adds, the device knows the place alone; weights stay out of the sum all the same.
    const central = { ...roundOf(), noisePlacement: 'central' as const };
    const announced = { ...context, noise: { ...context.noise, placement: 'central' as const } };
    const sum = (tally: SecureRoundDescription['tally']) => ({
      ...central,
      secure: { ...central.secure, noise: null, tally },
    });
    checkNoise(agreement, sum('nothing'), announced);
    checkNoise(agreement, sum('within-clip'), announced);
    expect(() => checkNoise(agreement, sum('weight'), announced)).toThrow(/weights of devices/);
  });

  it('is refused once this device has spent what was announced, by its own account', () => {
    const round = roundOf();
    const spends = spendOf(round);
    if (!spends) throw new Error('The round has no noise.');
    const epsilonOf = (steps: number) => composeEpsilon([{ ...spends, steps }], 1e-6);
    let fits = 1;
    // Abandoned rounds count here, and not in the ledger: a quarter is for them.
    while (epsilonOf(fits + 1) <= 10) fits += 1;
    const after = (steps: number) => ({ ...context, spent: steps === 0 ? [] : [{ ...spends, steps }] });
    checkNoise(agreement, round, after(fits - 1));
    expect(() => checkNoise(agreement, round, after(fits))).toThrow(
      /would spend epsilon 1\d\.\d+ at delta 0.000001; .* announces 8/,
    );
  });

  it('is refused under looser terms than when this device first took part, and taken under stricter ones', () => {
    const terms = { ...context.noise, participations: 5 };
    const under = (change: object) => ({ ...context, terms, noise: { ...terms, ...change } });
    const round = (participations: number | null) => ({ ...roundOf(), participations });
    checkNoise(agreement, round(5), under({}));
    checkNoise(agreement, round(4), under({ participations: 4, budget: 7, delta: 1e-7 }));
    for (const [participations, change] of [
      [6, { participations: 6 }],
      [null, { participations: null }],
      [5, { budget: 9 }],
      [5, { delta: 1e-5 }],
    ] as const) {
      expect(() => checkNoise(agreement, round(participations), under(change))).toThrow(
        expect.objectContaining({
          code: 'policy',
          message: expect.stringMatching(/took part under distributed noise/),
        }),
      );
    }
    const central = { ...round(5), noisePlacement: 'central' as const, secure: { ...roundOf().secure, noise: null } };
    expect(() => checkNoise(agreement, central, under({ placement: 'central' }))).toThrow(/Looser terms/);
    checkNoise(agreement, roundOf(), { ...context, terms: null });
  });
});

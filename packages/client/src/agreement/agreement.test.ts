import type { ModelVersion, RoundDescriptor, TaskSummary } from '@tributary/protocol';
import { describe, expect, it } from 'vitest';
import { agreementOf, defaultAgreement as secureOnly } from './agreement.ts';
import { checkRound, checkTask, type RoundContext } from './check-round.ts';

/** Of an app that has agreed to the weaker plan too. */
const defaultAgreement = agreementOf({ plans: ['secure', 'sealed'] });

const layout = 'aa'.repeat(32);
const contributionLayout = 'bb'.repeat(32);
const context: RoundContext = {
  task: 'films',
  protocol: 1,
  lastRound: 4,
  uploads: 2,
  spent: [],
  layoutHash: layout,
  contributionLayoutHash: contributionLayout,
  contributionSize: 100,
  plan: 'sealed',
  noise: null,
  evaluating: true,
};
const round: RoundDescriptor = {
  protocol: 1,
  task: 'films',
  round: 5,
  modelVersion: 'cc'.repeat(32),
  layoutHash: layout,
  contributionLayoutHash: contributionLayout,
  sections: { contribution: 100, evaluation: 6, weight: 1 },
  plan: 'sealed',
  secure: null,
  clipNorm: 1,
  noiseMultiplier: null,
  noisePlacement: null,
  treeFirstRound: null,
  participations: null,
  weighting: { kind: 'uniform' },
  evaluationScale: 0.01,
  cohortTarget: 10,
  cohortMinimum: 2,
  collectionMilliseconds: 1000,
  sealingKey: new Uint8Array(32),
  nonce: new Uint8Array(32),
  signature: new Uint8Array(64),
};
const noisy: RoundDescriptor = { ...round, noiseMultiplier: 1.5, noisePlacement: 'central' };
const noisyContext: RoundContext = {
  ...context,
  noise: { placement: 'central', budget: 8, delta: 1e-6, participations: null },
};
const refusal = (message: RegExp) =>
  expect.objectContaining({ code: 'policy', message: expect.stringMatching(message) });

describe('checkRound', () => {
  it('takes a round within all bounds', () => {
    checkRound(defaultAgreement, round, context);
    checkRound(defaultAgreement, { ...round, clipNorm: null }, context);
    checkRound(defaultAgreement, noisy, noisyContext);
  });

  it.each<[Partial<RoundDescriptor>, RegExp]>([
    [{ task: 'books' }, /of task 'books'/],
    [{ protocol: 2 }, /protocol 2/],
    [{ round: 4 }, /must rise/],
    [{ round: 0 }, /must rise/],
    [{ cohortMinimum: 1 }, /at least 2/],
    [{ cohortTarget: 1 }, /aims for 1/],
    [{ clipNorm: 0 }, /clip norm is 0/],
    [{ clipNorm: -1 }, /clip norm is -1/],
    [{ clipNorm: 2e9 }, /clip norm is/],
    [{ clipNorm: null, noiseMultiplier: 1 }, /without a clip norm/],
    [{ noiseMultiplier: 1.5 }, /without saying who adds/],
    [{ noiseMultiplier: 1.5, noisePlacement: 'central' }, /is 'central'; the task's is 'none'/],
    [{ evaluationScale: 0 }, /evaluation scale/],
    [{ evaluationScale: 0.31 }, /evaluation scale/],
    [{ layoutHash: contributionLayout }, /another layout/],
    [{ contributionLayoutHash: layout }, /another layout/],
    [{ sections: { contribution: 99, evaluation: 6, weight: 1 } }, /99 and 6 elements; expected 100 and 6/],
    [{ sections: { contribution: 100, evaluation: 0, weight: 1 } }, /100 and 0 elements; expected 100 and 6/],
    [{ weighting: { kind: 'examples', cap: 0 } }, /cap below 1/],
  ])('refuses %j', (fields, message) => {
    expect(() => checkRound(defaultAgreement, { ...round, ...fields }, context)).toThrow(refusal(message));
  });

  it.each<[Partial<RoundDescriptor>, RegExp]>([
    [{ noiseMultiplier: 0 }, /noise multiplier is 0/],
    [{ noiseMultiplier: Number.NaN }, /noise multiplier is NaN/],
    [{ noiseMultiplier: null }, /without saying who adds/],
    [{ noisePlacement: null }, /'none'; the task's is 'central'/],
    [{ noisePlacement: 'distributed' }, /'distributed'; the task's is 'central'/],
    [{ treeFirstRound: 4 }, /began with round 4, and this device took part in round 4: once in a tree/],
    [{ treeFirstRound: 1 }, /once in a tree/],
  ])('refuses %j of a round with noise', (fields, message) => {
    expect(() => checkRound(defaultAgreement, { ...noisy, ...fields }, noisyContext)).toThrow(refusal(message));
  });

  it('takes part in a tree that began after its last round, and with the noise that it asks for', () => {
    checkRound(defaultAgreement, { ...noisy, treeFirstRound: 5 }, noisyContext);
    const strict = agreementOf({ plans: ['sealed'], noise: { minimumMultiplier: 2 } });
    expect(() => checkRound(strict, noisy, noisyContext)).toThrow(refusal(/is 1.5; .*at least 2/));
    const hidden = agreementOf({ plans: ['sealed'], noise: { placements: ['distributed'] } });
    expect(() => checkRound(hidden, noisy, noisyContext)).toThrow(refusal(/'central' in this round.*: distributed/));
    expect(() => checkRound(hidden, round, context)).toThrow(refusal(/No noise is added/));
  });

  it('takes part as often as the claim allows one person, and no more, whatever the round says', () => {
    const announced = (participations: number | null): RoundContext => ({
      ...noisyContext,
      noise: { placement: 'central', budget: 8, delta: 1e-6, participations },
    });
    checkRound(defaultAgreement, { ...noisy, participations: 3 }, announced(3));
    expect(() => checkRound(defaultAgreement, { ...noisy, participations: 2 }, announced(2))).toThrow(
      refusal(/made 2 contributions to the task, as many as/),
    );
    // What was announced binds: neither more nor without a bound.
    for (const participations of [4, null]) {
      expect(() => checkRound(defaultAgreement, { ...noisy, participations }, announced(3))).toThrow(
        refusal(/the task announces 3/),
      );
    }
  });

  it("holds the person's stricter bounds", () => {
    const strict = agreementOf({
      plans: ['sealed'],
      minimumCohort: 50,
      clipNorm: { minimum: 0.1, maximum: 2, required: true },
      maximumUploadBytes: 64,
    });
    const wide = { ...round, cohortMinimum: 50, cohortTarget: 50 };
    expect(() => checkRound(strict, round, context)).toThrow(refusal(/at least 50/));
    expect(() => checkRound(strict, { ...wide, clipNorm: null }, context)).toThrow(refusal(/asks for one/));
    expect(() => checkRound(strict, { ...wide, clipNorm: 0.05 }, context)).toThrow(refusal(/0.1 to 2/));
    expect(() => checkRound(strict, wide, context)).toThrow(refusal(/428 bytes; this device sends at most 64/));
  });
});

describe('checkTask', () => {
  const summary = {
    itemCount: 10,
    catalogueBytes: 1000,
    privacyPlan: 'sealed',
    noise: null,
    model: { kind: 'implicit-als', dimension: 4, unobservedWeight: 0.1, regularisation: 0.01, initialScale: 0.1 },
    training: {},
  } as unknown as TaskSummary;
  const version = { parameterBytes: 160 } as ModelVersion;

  it('takes what it can hold', () => checkTask(defaultAgreement, summary, version));

  it.each<[Partial<TaskSummary>, Partial<ModelVersion>, RegExp]>([
    [{}, { parameterBytes: 1e9 }, /model has 1000000000 bytes/],
    [{ catalogueBytes: 1e9 }, {}, /catalogue has 1000000000 bytes/],
    [{ itemCount: 1e12 }, {}, /1000000000000 items for a model of 160 bytes/],
    [{ itemCount: 0 }, {}, /0 items/],
    [{ model: { kind: 'matrix-factorisation', dimension: 4, initialScale: 1 } }, {}, /without saying how/],
  ])('refuses %j %j', (fields, versionFields, message) => {
    expect(() => checkTask(defaultAgreement, { ...summary, ...fields }, { ...version, ...versionFields })).toThrow(
      refusal(message),
    );
  });
});

describe('agreementOf', () => {
  it.each([
    [{ minimumCohort: 1.5 }, /minimumCohort/],
    [{ clipNorm: { minimum: 2, maximum: 1, required: false } }, /clipNorm/],
    [{ maximumModelBytes: Number.NaN }, /maximumModelBytes/],
  ])('refuses %j', (options, message) => {
    expect(() => agreementOf(options)).toThrow(
      expect.objectContaining({ code: 'invalid-option', message: expect.stringMatching(message) }),
    );
  });
});

describe('a secure round', () => {
  const secure: RoundDescriptor = {
    ...round,
    plan: 'secure',
    sealingKey: null,
    cohortTarget: 30,
    cohortMinimum: 24,
    secure: {
      bits: 20,
      scale: 1000,
      metricsBits: 32,
      metricsScale: 65_536,
      degree: 0,
      threshold: 0,
      inDegreeCap: 35,
      rosterMaximum: 36,
      corrupt: 500,
      dropout: 1000,
      phaseMilliseconds: 1000,
      tally: 'weight',
      noise: null,
      identityLog: { size: 40, root: new Uint8Array(32) },
    },
  };
  const part = secure.secure as NonNullable<RoundDescriptor['secure']>;

  const ofTask: RoundContext = { ...context, plan: 'secure' };

  it('is what a device takes part in by default, and sealed ones are not', () => {
    checkRound(secureOnly, secure, ofTask);
    expect(() => checkRound(secureOnly, round, context)).toThrow(refusal(/plan is 'sealed'/));
  });

  it('has the plan that its task announces, whatever else the device agrees to', () => {
    expect(() => checkRound(defaultAgreement, round, ofTask)).toThrow(refusal(/'sealed'; the task's is 'secure'/));
    expect(() => checkRound(defaultAgreement, secure, context)).toThrow(refusal(/'secure'; the task's is 'sealed'/));
  });

  it.each<[Partial<RoundDescriptor>, RegExp]>([
    [{ secure: null }, /needs|needs a secure part|has a secure part/],
    [{ sealingKey: new Uint8Array(32) }, /no sealing key/],
    [{ clipNorm: null }, /needs a clip norm/],
    [{ cohortMinimum: 19 }, /19 contribution.*at least 20/],
    [{ secure: { ...part, rosterMaximum: 23 } }, /at most 23/],
    [{ secure: { ...part, degree: 3, threshold: 4 } }, /3 neighbours and a threshold of 4/],
    [{ secure: { ...part, degree: 3, threshold: 1 } }, /threshold of 1/],
    [{ secure: { ...part, degree: 36, threshold: 20 } }, /36 neighbours/],
    [{ secure: { ...part, rosterMaximum: 10_001 } }, /at most 10000/],
    [{ secure: { ...part, phaseMilliseconds: 0 } }, /lasts 0 ms/],
    [{ secure: { ...part, phaseMilliseconds: 3_600_001 } }, /at most 3600000 ms/],
    [{ secure: { ...part, scale: Number.NaN } }, /scales/],
    [{ secure: { ...part, metricsScale: Number.POSITIVE_INFINITY } }, /scales/],
    [{ secure: { ...part, scale: 0 } }, /scales/],
    [{ secure: { ...part, scale: Number.POSITIVE_INFINITY } }, /scales/],
    [{ secure: { ...part, identityLog: null } }, /'first-use'/],
  ])('is refused with %o', (change, message) => {
    expect(() => checkRound(secureOnly, { ...secure, ...change }, ofTask)).toThrow(refusal(message));
  });

  it('is masked as many bits as its sections have, and refused where that is more than agreed', () => {
    const agreement = agreementOf({ maximumUploadBytes: 277 });
    expect(() => checkRound(agreement, secure, ofTask)).toThrow(refusal(/278 bytes/));
    checkRound(agreementOf({ maximumUploadBytes: 278 }), secure, ofTask);
  });

  it('has integers of the widths that the device agrees to', () => {
    const agreement = agreementOf({ secure: { bits: { minimum: 16, maximum: 24 } } });
    expect(() => checkRound(agreement, secure, ofTask)).toThrow(refusal(/have 32 bits; this device takes 16 to 24/));
    const narrow = { ...secure, secure: { ...part, bits: 15, metricsBits: 24 } };
    expect(() => checkRound(agreement, narrow, ofTask)).toThrow(refusal(/have 15 bits/));
    checkRound(agreement, { ...secure, secure: { ...part, bits: 16, metricsBits: 24 } }, ofTask);
  });

  it.each<[object, RegExp]>([
    [{ bits: { minimum: 7, maximum: 32 } }, /8 <= minimum/],
    [{ bits: { minimum: 8, maximum: 33 } }, /8 <= minimum/],
    [{ bits: { minimum: 20, maximum: 18 } }, /8 <= minimum/],
    [{ bits: { minimum: 8.5, maximum: 32 } }, /whole numbers/],
    [{ identities: [] }, /at least one of: registry, first-use/],
    [{ identities: ['trust-me'] }, /at least one of/],
    [{ maximumPhaseMilliseconds: 0 }, /maximumPhaseMilliseconds/],
    [{ minimumRoster: 2 }, /minimumRoster/],
    [{ corrupt: 1 }, /corrupt/],
    [{ security: 0 }, /security/],
    [{ openedFraction: -0.1 }, /openedFraction/],
    [{ contributionsPerVersion: 0 }, /contributionsPerVersion/],
    [{ rostersPerDay: 0.5 }, /rostersPerDay/],
  ])('has bounds of its range: %o', (change, message) => {
    expect(() => agreementOf({ secure: change })).toThrow(message);
  });
});

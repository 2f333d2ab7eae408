/** Simulated rounds with noise: who adds it, what is charged, and what is claimed. */
import { splitLeaveLastOneOut, syntheticCatalogue } from '@tributary/model/data';
import {
  composeEpsilon,
  createIdentity,
  type MechanismEvent,
  seededResearchRandom,
  verifyLedger,
} from '@tributary/privacy';
import { describe, expect, it } from 'vitest';
import { SimulationError } from './options.ts';
import { simulate } from './simulate.ts';
import { smallTask } from './small-task.cases.ts';

const dataset = syntheticCatalogue({ users: 60, items: 40, interactionsPerUser: 10, seed: 3 });
const split = splitLeaveLastOneOut(dataset, { negatives: 20, seed: 3 });
const quick = { dataset, split, workers: 2, centralTwin: false, evaluateEvery: 0, cryptography: false } as const;

const plan = (noise: object, change: object = {}, secure = true) =>
  smallTask({
    rounds: 3,
    cohort: { target: 50, minimum: 40, overSelection: 1 },
    privacy: { plan: secure ? 'secure' : 'sealed', clipNorm: 2, noise: { delta: 1e-5, budget: 20, ...noise } },
    ...change,
  });

describe('a simulation with noise of the devices', () => {
  it('gives the same bits with its cryptography and without, and claims against readers and coordinator alike', async () => {
    const task = plan({}, { rounds: 2 });
    const [masked, summed] = [
      await simulate({ ...quick, task, cryptography: true }),
      await simulate({ ...quick, task, workers: 1 }),
    ];
    expect(summed.parameters).toEqual(masked.parameters);
    const charges = masked.ledger.flatMap(({ body }) => (body.kind === 'charge' ? [body.event] : []));
    expect(charges.map(({ mechanism }) => mechanism)).toEqual(new Array(2).fill('distributed-discrete-gaussian'));
    const spent = composeEpsilon(charges, 1e-5, 'pld');
    const [readers, coordinator] = masked.privacy.claims;
    expect(readers).toMatchObject({ against: 'readers', epsilon: spent, delta: 1e-5 });
    expect(coordinator).toMatchObject({ against: 'coordinator', epsilon: spent, delta: 1e-5 });
    expect(coordinator.assumption).toMatch(/at least \d+ honest devices/);
    // Calibrated: the rounds use the budget up, and no more.
    expect(spent).toBeLessThanOrEqual(20);
    expect(spent).toBeGreaterThan(19.8);
    const key = createIdentity(seededResearchRandom(masked.seed)).publicKey;
    expect(verifyLedger(masked.ledger, key)).toMatchObject({ ok: true });
  });

  it.each(['skellam', 'discrete-gaussian'])(
    'of %s moves the model, as central noise does, which the coordinator sees through',
    async (mechanism) => {
      const quiet = await simulate({
        ...quick,
        task: plan({ noiseMultiplier: 1e-3, budget: 1000, placement: 'central' }),
      });
      const distance = ({ parameters }: typeof quiet) =>
        Math.hypot(...parameters.map((value, i) => value - quiet.parameters[i]));
      const local = await simulate({ ...quick, task: plan({ noiseMultiplier: 1, mechanism }) });
      const central = await simulate({ ...quick, task: plan({ noiseMultiplier: 1, placement: 'central' }) });
      expect(distance(local)).toBeGreaterThan(0.01);
      expect(distance(central)).toBeGreaterThan(0.01);
      expect(central.privacy.claims[1]).toMatchObject({ against: 'coordinator', epsilon: null });
      expect(central.ledger[1].body).toMatchObject({ event: { mechanism: 'discrete-gaussian', noiseMultiplier: 1 } });
    },
  );
});

const withoutCap = ({ participation: _, ...event }: Exclude<MechanismEvent, { mechanism: 'tree' }>): MechanismEvent =>
  event as MechanismEvent;

describe('a simulation whose people take part so many times at most', () => {
  it.each([true, false])('charges for so many rounds, and lets nobody into more (secure: %s)', async (secure) => {
    const change = { rounds: 5, cohort: { target: 20, minimum: 20, overSelection: 1 } };
    const attended = new Map<number, number>();
    const run = await simulate({
      ...quick,
      task: plan({ participations: 2 }, change, secure),
      onRelease: ({ contributors }) => {
        for (const user of contributors) attended.set(user, (attended.get(user) ?? 0) + 1);
      },
    });
    // After four rounds of twenty, of 60 people at least twenty have a participation left.
    expect(run.rounds.filter(({ outcome }) => outcome === 'closed')).toHaveLength(5);
    expect(Math.max(...attended.values())).toBe(2);
    const charges = run.ledger.flatMap(({ body }) => (body.kind === 'charge' ? [body.event] : []));
    expect(charges).toHaveLength(5);
    const two = charges.slice(0, 2).map((event) => (event.mechanism === 'tree' ? event : withoutCap(event)));
    expect(run.privacy.epsilon).toBeCloseTo(composeEpsilon(two, 1e-5, 'pld'), 9);
    expect(run.privacy.epsilon).toBeLessThanOrEqual(20);
    expect(run.privacy.epsilon).toBeGreaterThan(19.8);
    expect(run.privacy.claims[0].assumption).toMatch(/in 2 rounds of the task at most/);
    const key = createIdentity(seededResearchRandom(run.seed)).publicKey;
    expect(verifyLedger(run.ledger, key)).toMatchObject({ ok: true });
  });

  it('ends when nobody is left', async () => {
    const change = { rounds: 7, cohort: { target: 20, minimum: 20, overSelection: 1 } };
    const run = await simulate({ ...quick, task: plan({ participations: 2 }, change, false) });
    // 120 participations are six rounds of twenty, where the last of them are of twenty people.
    expect([5, 6]).toContain(run.rounds.filter(({ outcome }) => outcome === 'closed').length);
    expect(run.stopped).toMatch(/abandoned/);
  });
});

describe('a simulation with an adaptive clip norm', () => {
  it.each(['distributed', 'central'])(
    'lets it follow the norms of the devices, %s noise and all, for one charge',
    async (placement) => {
      const noise = { noiseMultiplier: 1, budget: 1000, placement, adaptiveClip: { learningRate: 1 } };
      const few = { rounds: 10, privacy: { plan: 'secure', clipNorm: 50, noise: { delta: 1e-5, ...noise } } };
      const run = await simulate({ ...quick, task: plan({}, few) });
      const bounds = run.ledger.flatMap(({ body }) => (body.kind === 'charge' ? [body.sensitivity] : []));
      expect(bounds).toHaveLength(10);
      expect(bounds[0]).toBeGreaterThanOrEqual(50);
      // Far above all norms it falls by e^(-1/2) each round, but for the noise on the number of devices.
      for (let i = 1; i < 4; i++) expect(bounds[i] / bounds[i - 1]).toBeLessThan(0.75);
      // Until about half of the devices are clipped.
      expect(run.rounds[0].clipped).toBe(0);
      expect(run.rounds[9].clipped).toBeGreaterThan(0.05);
      const spent = composeEpsilon([{ mechanism: 'discrete-gaussian', noiseMultiplier: 1, steps: 10 }], 1e-5);
      expect((run.privacy.epsilon ?? 0) / spent).toBeCloseTo(1, 6);
    },
  );
});

describe('a simulation with the noise of trees', () => {
  it('has each person in one round of a tree, and charges for the heights of its trees', async () => {
    const task = plan(
      { mechanism: 'tree', leaves: 3, budget: 1000, noiseMultiplier: 4 },
      { rounds: 5, cohort: { target: 20, minimum: 20, overSelection: 1 } },
      false,
    );
    const run = await simulate({ ...quick, task });
    const charges = run.ledger.flatMap(({ body }) => (body.kind === 'charge' ? [body.event] : []));
    expect(charges.map((event) => (event.mechanism === 'tree' ? event.firstLeaf : 0))).toEqual([1, 2, 3, 1, 2]);
    expect(run.rounds.every(({ contributions }) => contributions === 20)).toBe(true);
    const trees = [3, 2].map((steps) => ({ mechanism: 'tree', noiseMultiplier: 4, firstLeaf: 1, steps }) as const);
    expect(run.privacy.epsilon).toBeCloseTo(composeEpsilon(trees, 1e-5, 'pld'), 9);
    expect(run.privacy.claims[0].assumption).toMatch(/one round of each tree/);
  });

  it('runs out of people where a tree has more leaves than the population fills', async () => {
    const task = plan(
      { mechanism: 'tree', budget: 1000, noiseMultiplier: 4 },
      { rounds: 5, cohort: { target: 20, minimum: 20, overSelection: 1 } },
      false,
    );
    const run = await simulate({ ...quick, task });
    expect(run.rounds.filter(({ outcome }) => outcome === 'closed')).toHaveLength(3);
    expect(run.stopped).toMatch(/rounds in a row were abandoned/);
  });
});

describe('a simulation that claims sampling', () => {
  it('draws people by coins, or a fixed number of all', async () => {
    const sampling = { claim: 'poisson', rate: 0.5 };
    const few = { rounds: 4, cohort: { target: 30, minimum: 1, overSelection: 1 } };
    const coins = await simulate({ ...quick, task: plan({ sampling, noiseMultiplier: 2 }, few, false) });
    const sizes = coins.rounds.map(({ contributions }) => contributions);
    expect(new Set(sizes).size).toBeGreaterThan(1);
    expect(coins.privacy.epsilon).toBeCloseTo(
      composeEpsilon([{ mechanism: 'gaussian', noiseMultiplier: 2, sampling, steps: 4 } as never], 1e-5, 'pld'),
      6,
    );
    const fixed = { claim: 'fixed-size', population: 60 };
    const drawn = await simulate({ ...quick, task: plan({ sampling: fixed, noiseMultiplier: 4 }, few, false) });
    expect(drawn.rounds.every(({ contributions }) => contributions === 30)).toBe(true);
    expect(drawn.privacy.claims[0].assumption).toMatch(/one person in another's place/);
  });

  it('takes draws of every size, the empty one too, for which everybody is charged alike', async () => {
    const sampling = { claim: 'poisson', rate: 0.02 };
    const few = { rounds: 12, cohort: { target: 2, minimum: 1, overSelection: 1 } };
    const run = await simulate({ ...quick, task: plan({ sampling, noiseMultiplier: 2 }, few, false) });
    const sizes = run.rounds.map(({ contributions }) => contributions);
    expect(sizes).toHaveLength(12);
    expect(run.rounds.every(({ outcome }) => outcome === 'closed')).toBe(true);
    expect(sizes).toContain(0);
    expect(run.ledger.filter(({ body }) => body.kind === 'charge')).toHaveLength(12);
    expect(run.parameters.every(Number.isFinite)).toBe(true);
  });

  it('is refused where a roster would throw draws away often enough to matter', async () => {
    const sampling = { claim: 'poisson', rate: 0.5 };
    const noise = { sampling, noiseMultiplier: 4, mechanism: 'gaussian' };
    const cohort = (minimum: number) => ({ cohort: { target: 60, minimum, overSelection: 1 } });
    await expect(simulate({ ...quick, task: plan(noise, cohort(25)) })).rejects.toThrow(
      /a round takes 25 to 60 of them: draws of another size/,
    );
  });

  it('is refused where nobody samples so', async () => {
    const fixed = { sampling: { claim: 'fixed-size', population: 61 }, noiseMultiplier: 4 };
    await expect(simulate({ ...quick, task: plan(fixed, {}, false) })).rejects.toThrow(
      /drawn from 61 people; the data have 60/,
    );
    const lossy = {
      ...quick,
      task: plan({ sampling: { claim: 'poisson', rate: 0.5 }, noiseMultiplier: 4 }, {}, false),
      dropoutRate: 0.1,
    };
    await expect(simulate(lossy)).rejects.toThrow(SimulationError);
  });
});

describe('a simulation with a prior of attributes', () => {
  it('takes them from the data set, for the first vectors and for the step under noise', async () => {
    const model = { kind: 'implicit-als', dimension: 4, unobservedWeight: 0.3, regularisation: 0.01 };
    const run = (change: object, noise: object | null) =>
      simulate({
        ...quick,
        task: plan(noise ?? {}, {
          rounds: 1,
          ...change,
          ...(noise ? {} : { privacy: { plan: 'sealed', clipNorm: 2 } }),
        }),
      });
    const noise = { noiseMultiplier: 1, placement: 'central' };
    const prior = { training: { prior: 'attributes' } };
    expect((await run(prior, noise)).parameters).not.toEqual((await run({}, noise)).parameters);
    const first = { model: { ...model, initialAttributeScale: 0.5 } };
    expect((await run(first, null)).parameters).not.toEqual((await run({}, null)).parameters);
  });
});

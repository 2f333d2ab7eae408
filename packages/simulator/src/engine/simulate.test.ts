import { encodeUpdate, trainForRound } from '@tributary/client/training';
import { createRecommender, historyOf, scatterContribution } from '@tributary/model';
import { splitLeaveLastOneOut, syntheticCatalogue } from '@tributary/model/data';
import {
  composeEpsilon,
  createIdentity,
  createSealingKeys,
  seal,
  seededResearchRandom,
  sha256,
  systemRandom,
  verifyLedger,
} from '@tributary/privacy';
import { encode, recommenderSpecificationOf, type TaskDocument, uploadChunks } from '@tributary/protocol';
import { describe, expect, it } from 'vitest';
import { simulate, simulateSeeds } from './simulate.ts';
import { smallTask } from './small-task.cases.ts';
import { streamOf } from './streams.ts';

const dataset = syntheticCatalogue({ users: 90, items: 60, interactionsPerUser: 12, seed: 3 });
const split = splitLeaveLastOneOut(dataset, { negatives: 20, seed: 3 });

const plan = (change: Readonly<Record<string, unknown>> = {}) =>
  smallTask({
    rounds: 3,
    cohort: { target: 90, minimum: 5, overSelection: 1 },
    privacy: { plan: 'sealed', clipNorm: null },
    evaluation: { federated: false },
    ...change,
  });

const local = {
  epochs: 1,
  reconstructionEpochs: 1,
  batchSize: 8,
  learningRate: 0.1,
  privateLearningRate: 0.1,
  negativesPerPositive: 2,
  regularisation: 0.001,
};
const matrixFactorisation = { model: { kind: 'matrix-factorisation', dimension: 4 }, training: { local } };

const quick = { dataset, split, workers: 1, centralTwin: false, evaluateEvery: 0 } as const;

/** Largest difference over the largest value. */
function relativeDifference(a: Float32Array, b: Float32Array): number {
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    difference = Math.max(difference, Math.abs(a[i] - b[i]));
    largest = Math.max(largest, Math.abs(b[i]));
  }
  return difference / largest;
}

/** A task as a reader would write it down: everybody, one after the other, dense float64 sums. */
function straightforwardLoop(task: TaskDocument): Float32Array {
  const { userCount, itemCount } = split.train;
  const recommender = createRecommender(recommenderSpecificationOf(task, itemCount));
  const size = recommender.contributionLayout.size;
  let shared = recommender.initialise(task.seed);
  let momentum = new Float64Array(shared.length);
  for (let round = 1; round <= task.rounds; round++) {
    const bound = recommender.bind(shared);
    const sum = new Float64Array(size);
    let weights = 0;
    for (let user = 0; user < userCount; user++) {
      const update = trainForRound({
        bound,
        layoutSizes: { items: itemCount, contribution: size },
        history: { items: historyOf(split.train, user) },
        plan: {
          clipNorm: task.privacy.clipNorm,
          evaluationScale: task.evaluation.scale,
          weighting: task.weighting,
          evaluation: task.evaluation,
        },
        random: streamOf(task.seed, 'training', round, userCount, user),
      });
      const dense = scatterContribution(update.contribution, update.factor);
      for (let i = 0; i < size; i++) sum[i] += dense[i];
      weights += update.weight;
    }
    const direction = recommender.direction(shared, { sum: Float32Array.from(sum), denominator: weights });
    const rate = task.optimizer.learningRate;
    const beta = task.optimizer.kind === 'fedavgm' ? task.optimizer.momentum : 0;
    momentum = momentum.map((value, i) => beta * value + direction[i]);
    shared = shared.map((value, i) => value + rate * momentum[i]);
  }
  return shared;
}

describe('simulate', () => {
  it.each([
    ['implicit-als, FedAvg', plan()],
    [
      'implicit-als, FedAvgM, by examples',
      plan({
        optimizer: { kind: 'fedavgm', learningRate: 0.3, momentum: 0.4 },
        weighting: { kind: 'examples', cap: 12 },
      }),
    ],
    ['implicit-als, clipped', plan({ privacy: { plan: 'sealed', clipNorm: 0.05 } })],
    ['matrix-factorisation, FedAvg', plan({ ...matrixFactorisation, optimizer: { kind: 'fedavg', learningRate: 1 } })],
  ])('agrees with a straightforward loop over everybody: %s', async (_, task) => {
    const { parameters, rounds } = await simulate({ ...quick, task });
    expect(rounds.map(({ contributions }) => contributions)).toEqual([90, 90, 90]);
    expect(relativeDifference(parameters, straightforwardLoop(task))).toBeLessThan(1e-4);
    if (task.privacy.clipNorm !== null) expect(rounds[0].clipped).toBeGreaterThan(0.5);
  });

  it('gives the same bits for the same seed, whatever the number of workers, and others for another seed', async () => {
    const task = plan({
      ...matrixFactorisation,
      rounds: 2,
      cohort: { target: 40, minimum: 5, overSelection: 1.2 },
      privacy: {
        plan: 'sealed',
        clipNorm: 0.5,
        noise: { mechanism: 'gaussian', noiseMultiplier: 0.7, delta: 1e-5, budget: 100 },
      },
      evaluation: { federated: true, negatives: 20 },
    });
    const [one, two, again] = [
      await simulate({ ...quick, task, dropoutRate: 0.2 }),
      await simulate({ ...quick, task, dropoutRate: 0.2, workers: 2 }),
      await simulate({ ...quick, task, dropoutRate: 0.2, seed: 2 }),
    ];
    expect(Buffer.from(one.parameters.buffer).equals(Buffer.from(two.parameters.buffer))).toBe(true);
    expect(two.quality).toEqual(one.quality);
    const withoutTime = (run: typeof one) => run.rounds.map(({ seconds: _, ...round }) => round);
    expect(withoutTime(two)).toEqual(withoutTime(one));
    expect(again.parameters).not.toEqual(one.parameters);
  });

  it('learns what the central twin learns, above popularity', async () => {
    const task = plan({ rounds: 6, training: { recency: { floor: 0.02, timeConstant: 5 } } });
    const { quality } = await simulate({ ...quick, task, centralTwin: true });
    const ndcg = (name: 'federated' | 'central' | 'popularity' | 'random') =>
      quality[name]?.full['ndcg@10'] ?? Number.NaN;
    expect(ndcg('federated')).toBeGreaterThan(ndcg('popularity'));
    expect(ndcg('popularity')).toBeGreaterThan(ndcg('random'));
    expect(ndcg('federated')).toBeGreaterThan(0.85 * ndcg('central'));
  });

  it('counts the bytes that a real upload has', async () => {
    const task = plan({ rounds: 1, evaluation: { federated: true, negatives: 20 } });
    const { bytes } = await simulate({ ...quick, task });
    const itemCount = split.train.itemCount;
    const recommender = createRecommender(recommenderSpecificationOf(task, itemCount));
    const sections = { contribution: recommender.contributionLayout.size, evaluation: 6, weight: 1 } as const;
    const update = trainForRound({
      bound: recommender.bind(recommender.initialise(1)),
      layoutSizes: { items: itemCount, contribution: sections.contribution },
      history: { items: historyOf(split.train, 0) },
      plan: { clipNorm: null, evaluationScale: 0.01, weighting: task.weighting, evaluation: task.evaluation },
      random: streamOf(1, 'training', 1, 90, 0),
    });
    const payload = encodeUpdate(update, sections);
    const sealed = seal(payload, createSealingKeys(systemRandom).publicKey, systemRandom);
    const messages = [
      encode('uploadOpen', { round: 1, bytes: sealed.length, sha256: sha256(sealed), statement: null }),
      ...[...uploadChunks(sealed, 0)].map((chunk) => encode('uploadChunk', { round: 1, ...chunk })),
      encode('uploadClose', { round: 1 }),
    ];
    expect(bytes.payload).toBe(payload.length);
    expect(bytes.sent).toBe(sealed.length);
    expect(bytes.upload).toBe(messages.reduce((sum, message) => sum + message.length, 0));
    expect(bytes.model).toBe(recommender.layout.size * 4);
    expect(bytes.download).toBeGreaterThan(bytes.model);
    expect(bytes.download).toBeLessThan(bytes.model + 2048);
  });

  it('charges every round to a ledger that anyone can verify, claims what the accountant says, and stops at the budget', async () => {
    const noise = { mechanism: 'gaussian', noiseMultiplier: 2, delta: 1e-5 } as const;
    const spent = (steps: number) =>
      composeEpsilon([{ mechanism: 'gaussian', noiseMultiplier: 2, sampling: { claim: 'none' }, steps }], 1e-5, 'pld');
    // Room for three rounds of the five, not for four.
    const budget = (spent(3) + spent(4)) / 2;
    const task = plan({ rounds: 5, privacy: { plan: 'sealed', clipNorm: 0.5, noise: { ...noise, budget } } });
    const run = await simulate({ ...quick, task });
    expect(run.rounds.map(({ outcome, epsilon }) => [outcome, epsilon])).toEqual([
      ['closed', spent(1)],
      ['closed', spent(2)],
      ['closed', spent(3)],
      ['abandoned', spent(3)],
    ]);
    expect(run.privacy).toMatchObject({ plan: 'sealed', epsilon: spent(3), delta: 1e-5 });
    expect(run.stopped).toMatch(/epsilon .* budget/);
    expect(run.ledger.map(({ body }) => body.kind)).toEqual([
      'open',
      'charge',
      'released',
      'charge',
      'released',
      'charge',
      'released',
      'refused',
    ]);
    const coordinator = createIdentity(seededResearchRandom(run.seed));
    expect(verifyLedger(run.ledger, coordinator.publicKey)).toMatchObject({ ok: true, epsilon: spent(3) });
  });

  it('adds noise of the standard deviation that it charges for', async () => {
    // One step of gradient-trained parameters: the mean delta over the target, at learning rate 1.
    const privacy = (noiseMultiplier: number) => ({
      plan: 'sealed',
      clipNorm: 0.5,
      noise: { mechanism: 'gaussian', noiseMultiplier, delta: 1e-5, budget: 1000 },
    });
    const base = { ...matrixFactorisation, rounds: 1, optimizer: { kind: 'fedavg', learningRate: 1 } };
    const { parameters: noisy } = await simulate({ ...quick, task: plan({ ...base, privacy: privacy(3) }) });
    const { parameters: quiet } = await simulate({
      ...quick,
      task: plan({ ...base, privacy: { plan: 'sealed', clipNorm: 0.5 } }),
    });
    const squares = noisy.reduce((sum, value, i) => sum + (value - quiet[i]) ** 2, 0);
    const deviation = Math.sqrt(squares / noisy.length);
    // 300 draws: the sample deviation is within 5 / sqrt(2 * 300) of the true one but once in a million; the seed is fixed.
    expect(Math.abs(deviation / ((3 * 0.5) / 90) - 1)).toBeLessThan(5 / Math.sqrt(2 * noisy.length));
  });

  it('loses devices that vanish, and abandons rounds that lose too many, saying why', async () => {
    const cohort = { target: 40, minimum: 30, overSelection: 1.5 };
    const some = await simulate({ ...quick, task: plan({ cohort }), dropoutRate: 0.2 });
    expect(some.rounds.every(({ invited, contributions }) => invited === 60 && contributions === 40)).toBe(true);
    expect(some.rounds.reduce((sum, { dropped }) => sum + dropped, 0)).toBeGreaterThan(0);
    const most = await simulate({ ...quick, task: plan({ cohort }), dropoutRate: 0.9 });
    expect(most.stopped).toMatch(/20 rounds in a row were abandoned.*contributions.*at least 30/);
    expect(most.rounds.every(({ outcome, contributions }) => outcome === 'abandoned' && contributions === 0)).toBe(
      true,
    );
  });

  it('tells what the devices themselves found, at the scale of a plain mean', async () => {
    const task = plan({ rounds: 4, evaluation: { federated: true, negatives: 20 } });
    const { rounds } = await simulate({ ...quick, task });
    const found = rounds.map(({ federatedEvaluation }) => federatedEvaluation);
    for (const evaluation of found) {
      expect(evaluation?.devices).toBe(90);
      expect(evaluation?.fullHr10).toBeGreaterThanOrEqual(0);
      expect(evaluation?.sampledHr10).toBeLessThanOrEqual(1);
      // Every one of the few negatives is also among all items.
      expect(evaluation?.sampledHr10).toBeGreaterThanOrEqual(evaluation?.fullHr10 ?? 2);
    }
    // The first version is random, the last one is trained.
    expect(found[3]?.fullNdcg10).toBeGreaterThan(found[0]?.fullNdcg10 ?? 1);
  });

  it('runs on after one seed with the next', async () => {
    const runs = await simulateSeeds({ ...quick, task: plan({ rounds: 1 }), seeds: [5, 6] });
    expect(runs.map(({ seed }) => seed)).toEqual([5, 6]);
    expect(runs[0].parameters).not.toEqual(runs[1].parameters);
  });

  it('ends with the reason of an abort', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const run = simulate({
      ...quick,
      task: plan({ rounds: 1000 }),
      signal: controller.signal,
      onProgress: ({ kind }) => {
        if (kind === 'round') controller.abort(reason);
      },
    });
    await expect(run).rejects.toBe(reason);
  });

  it('refuses options that make no sense, saying what was expected', async () => {
    const task = plan();
    await expect(simulate({ ...quick, task, workers: 0 })).rejects.toThrow(/workers is 0; expected an integer from 1/);
    await expect(simulate({ ...quick, task, dropoutRate: 1 })).rejects.toThrow(/dropoutRate is 1; expected/);
    await expect(simulate({ ...quick, task, seed: -1 })).rejects.toThrow(/seed is -1/);
    await expect(simulate({ ...quick, task, evaluateOn: 'validation' })).rejects.toThrow(/purpose 'validation'/);
    const lonely = plan({ cohort: { target: 100, minimum: 91 } });
    await expect(simulate({ ...quick, task: lonely })).rejects.toThrow(/90 users .* cohort\.minimum is 91/);
  });
});

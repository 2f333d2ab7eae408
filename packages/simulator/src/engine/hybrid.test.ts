/** Simulated rounds of hybrids that devices train: fusion, and an adapter of a text encoder. */
import { encodeOnce, itemText, memoryEncodings } from '@tributary/model';
import { splitLeaveLastOneOut, syntheticCatalogue } from '@tributary/model/data';
import { createTextModel, openBuiltInEncoder } from '@tributary/model/encoder';
import { beforeAll, describe, expect, it } from 'vitest';
import { simulateColdItems } from '../experiments/cold-items.ts';
import { toColdItemsJson } from '../report/cold-items-result.ts';
import type { SimulateOptions } from './options.ts';
import { simulate } from './simulate.ts';
import { smallTask } from './small-task.cases.ts';

const dataset = syntheticCatalogue({ users: 60, items: 60, interactionsPerUser: 12, seed: 3 });
const split = splitLeaveLastOneOut(dataset, { negatives: 20, seed: 3 });
const quick = { dataset, split, workers: 2, centralTwin: false, evaluateEvery: 0 } as const;
/** B of rank 2 on query and value of two layers of width 128. */
const adapterSize = 2 * 2 * 128 * 2;

let encoder: string;
let encodings: NonNullable<SimulateOptions['encodings']>;
beforeAll(async () => {
  const model = await createTextModel(await openBuiltInEncoder());
  encoder = model.hash;
  encodings = await encodeOnce(dataset.items.map(itemText), model, memoryEncodings());
  model.dispose();
});

const plan = (model: object, change: object = {}) =>
  smallTask({
    model: { kind: 'hybrid', dimension: 8, encoder, textWidth: 128, ...model },
    training: {
      local: {
        ...{ epochs: 1, reconstructionEpochs: 3, batchSize: 8, learningRate: 0.3, privateLearningRate: 1 },
        ...{ negativesPerPositive: 4, regularisation: 0 },
      },
    },
    rounds: 2,
    cohort: { target: 24, minimum: 20, overSelection: 1.2 },
    privacy: { plan: 'sealed', clipNorm: null },
    evaluation: { federated: false },
    ...change,
  });
const full = { plan: 'full', adapter: { rank: 2, size: adapterSize, texts: 3 } };
const secure = {
  plan: 'secure',
  clipNorm: 1,
  noise: { placement: 'distributed', budget: 30, delta: 1e-5 },
};

describe('a simulation of hybrids on devices', () => {
  it.each([
    ['dot', { kind: 'dot' }],
    ['gmf-mlp', { kind: 'gmf-mlp', mlpDimension: 4, hiddenLayers: [6] }],
    ['cross-attention', { kind: 'cross-attention' }],
  ])('gives the same bits on any number of threads, scored by %s', async (_, scorer) => {
    const task = plan({ plan: 'cheap', scorer });
    const [one, two] = await Promise.all([1, 2].map((workers) => simulate({ ...quick, task, encodings, workers })));
    expect(two.parameters).toEqual(one.parameters);
    expect(two.quality).toEqual(one.quality);
    expect(one.quality.central).toBeNull();
  });

  it('trains an adapter under secure aggregation and noise of the devices, each group within its share, one charge a round', async () => {
    const task = plan({ ...full, groupClip: { rows: 0.8, fusion: 0.4, adapter: 0.4 } }, { privacy: secure });
    const run = await simulate({ ...quick, task, encodings });
    expect(run.stopped).toBeNull();
    expect(run.rounds.map(({ outcome }) => outcome)).toEqual(['closed', 'closed']);
    expect(run.privacy).toMatchObject({ plan: 'secure', cryptography: true });
    expect(run.privacy.epsilon).toBeGreaterThan(0);
    expect(run.privacy.epsilon).toBeLessThanOrEqual(30);
    expect(run.ledger.filter(({ body }) => body.kind === 'charge')).toHaveLength(2);
    expect(run.parameters.every(Number.isFinite)).toBe(true);
  });

  it('gives the same bits with an adapter, masked and unmasked, on any number of threads', async () => {
    const task = plan(full, { privacy: { plan: 'secure', clipNorm: 1 } });
    const [masked, unmasked] = [
      await simulate({ ...quick, task, encodings, workers: 2 }),
      await simulate({ ...quick, task, encodings, workers: 1, cryptography: false }),
    ];
    expect(unmasked.parameters).toEqual(masked.parameters);
    // Without noise nothing but gradients moves it; in the first round the projection of zero hides texts.
    expect(masked.parameters.slice(-adapterSize).some((value) => value !== 0)).toBe(true);
  });

  it('makes cold items live: above chance, and above the same plan by interactions alone', async () => {
    const task = plan(
      { plan: 'cheap' },
      {
        rounds: 12,
        cohort: { target: 60, minimum: 40, overSelection: 1 },
        optimizer: { kind: 'fedadam', learningRate: 0.05, tau: 1e-8 },
      },
    );
    const result = await simulateColdItems({
      ...{ dataset, task, encodings, share: 0.2, workers: 2, evaluateEvery: 0 },
      splitOf: async (warm) => splitLeaveLastOneOut(warm, { negatives: 20, seed: 3, purpose: 'test' }),
    });
    const { 'ndcg@20': ndcg } = toColdItemsJson([result]);
    expect(result.cfOnlyRun?.task.model.kind).toBe('matrix-factorisation');
    expect(ndcg.federated).toBeGreaterThan(1.1 * (ndcg.random ?? 1));
    expect(ndcg.federated).toBeGreaterThan(1.1 * (ndcg.cfOnly ?? 1));
  });
});

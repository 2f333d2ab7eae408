import { describe, expect, it } from 'vitest';
import { historyOf } from '../../../data/dataset.ts';
import { viewOf } from '../../../parameters/layout.ts';
import { seededRandom } from '../../../random/seeded.ts';
import { groupNorms, scatterContribution } from '../../contribution.ts';
import { federate, plantedWorld } from '../../local-sgd/planted.cases.ts';
import { createMatrixFactorisation } from '../../matrix-factorisation/matrix-factorisation.ts';
import type { History, Recommender } from '../../recommender.ts';
import { describeRecommender } from '../../recommender-contract.cases.ts';
import type { HybridScorer, OnDeviceSpecification } from '../../specification.ts';
import { linearEncoder } from './linear-encoder.cases.ts';
import { createOnDeviceHybrid } from './on-device.ts';

const itemCount = 40;
const textWidth = 4;
const world = plantedWorld(120, 3);
/** Items that no training history holds; even ones are of genre 0, odd ones of genre 1. */
const cold = [36, 37, 38, 39];

/** Texts that tell the genre by the sign of one coordinate, `strength` loud, among three that tell nothing. */
function texts(strength: number, people = 0): Float32Array {
  const random = seededRandom(9);
  return Float32Array.from({ length: (itemCount + people) * textWidth }, (_, at) => {
    const genre = Math.floor(at / textWidth) % 2 === 0 ? 1 : -1;
    return at % textWidth === 0 ? strength * genre : random.gaussian();
  });
}

const encodingsOf = (values: Float32Array) => ({ width: textWidth, values, source: 'test' });
const items = Array.from({ length: itemCount }, (_, item) => ({
  title: `Item ${item}`,
  attributes: [`genre ${item % 2}`],
}));

const specification: OnDeviceSpecification = {
  kind: 'hybrid',
  plan: 'cheap',
  itemCount,
  dimension: 4,
  initialScale: 0.3,
  features: { text: true, attributes: false },
  textWidth,
  scorer: { kind: 'dot' },
  local: {
    epochs: 2,
    reconstructionEpochs: 3,
    batchSize: 8,
    learningRate: 0.5,
    privateLearningRate: 2,
    negativesPerPositive: 2,
    regularisation: 0.001,
  },
  fusionRate: 1,
  adapter: null,
  groupScales: { rows: 1, fusion: 1, adapter: 1 },
  groupClip: null,
};
const lora = { rank: 1, alpha: 1, targets: ['query'], lastLayers: null, frozenA: true } as const;
const full: OnDeviceSpecification = {
  ...specification,
  plan: 'full',
  adapter: { ...lora, size: textWidth ** 2, rate: 1, texts: 8 },
};

const scorers: readonly HybridScorer[] = [
  { kind: 'dot' },
  { kind: 'gmf-mlp', mlpDimension: 3, hiddenLayers: [4, 2] },
  { kind: 'cross-attention' },
];
for (const scorer of scorers) {
  describeRecommender(`hybrid on devices, scored by ${scorer.kind}`, () =>
    createOnDeviceHybrid({ ...specification, scorer }, { encodings: encodingsOf(texts(1)) }),
  );
}
describeRecommender('hybrid on devices, attributes alone', () =>
  createOnDeviceHybrid({ ...specification, features: { text: false, attributes: true } }, { items }),
);
describeRecommender('hybrid on devices, with an adapter', () =>
  createOnDeviceHybrid(full, { encodings: encodingsOf(texts(1)), encoder: linearEncoder(texts(1), textWidth) }),
);

/** Rounds of everybody, the cold items taken out of their histories. */
const federateAll = (recommender: Recommender, rounds: number, historyFor = warmHistory) =>
  federate(recommender, rounds, world.train.userCount, historyFor);

function warmHistory(user: number): History {
  return { items: historyOf(world.train, user).filter((item) => !cold.includes(item)) };
}

/** Share of pairs of a liked and a disliked cold item that are in the right order. */
function coldOrder(recommender: Recommender, shared: Float32Array): number {
  const bound = recommender.bind(shared);
  let right = 0;
  for (let user = 0; user < 60; user++) {
    const scores = bound.score(bound.fitPrivateState(warmHistory(user), seededRandom(99, user)));
    for (const liked of cold.filter((item) => item % 2 === user % 2)) {
      for (const other of cold.filter((item) => item % 2 !== user % 2)) right += Number(scores[liked] > scores[other]);
    }
  }
  return right / (60 * 4);
}

describe('hybrid trained on devices', () => {
  it.each(scorers)('places items that nobody has touched by their texts, scored by $kind', (scorer) => {
    const recommender = createOnDeviceHybrid({ ...specification, scorer }, { encodings: encodingsOf(texts(1)) });
    expect(coldOrder(recommender, federateAll(recommender, 6))).toBeGreaterThan(0.9);
  });

  it('does what interactions alone cannot: of two genres that nobody has seen they know nothing', () => {
    const { kind: _kind, plan: _plan, ...rest } = specification;
    const plain = createMatrixFactorisation({
      ...{ kind: 'matrix-factorisation', itemCount, dimension: rest.dimension, initialScale: rest.initialScale },
      ...{ local: rest.local, backend: 'fused' },
    });
    const order = coldOrder(plain, federateAll(plain, 6));
    expect(order).toBeGreaterThan(0.2);
    expect(order).toBeLessThan(0.8);
  });

  it('attends to the items touched last, whatever they were touched first', () => {
    const scorer = { kind: 'cross-attention' } as const;
    const known = { encodings: encodingsOf(texts(1)) };
    const bound = createOnDeviceHybrid({ ...specification, scorer }, known);
    const model = bound.bind(bound.initialise(1).map((value, at) => value + 0.05 * Math.sin(at)));
    const order = Array.from({ length: 36 }, (_, item) => item);
    const stateOf = (items: number[]) =>
      model.fitPrivateState({ items: Uint32Array.from(items) }, seededRandom(1)).vector;
    // Item 0 is the oldest, and then the latest again: its vector is among the keys, that of item 4 is not.
    const keysOf = (items: number[]) => stateOf(items).slice(specification.dimension);
    expect(keysOf([...order, 0])).toEqual(keysOf([...order.slice(1), 0]));
    expect(keysOf([...order, 0])).not.toEqual(keysOf(order));
  });

  it('places them by attributes too', () => {
    const recommender = createOnDeviceHybrid(
      { ...specification, features: { text: false, attributes: true } },
      { items },
    );
    expect(coldOrder(recommender, federateAll(recommender, 6))).toBeGreaterThan(0.9);
  });

  it('learns by an adapter what frozen encodings hardly say', () => {
    const quiet = texts(0.05);
    const encodings = encodingsOf(quiet);
    const frozen = createOnDeviceHybrid(specification, { encodings });
    const trained = createOnDeviceHybrid(full, { encodings, encoder: linearEncoder(quiet, textWidth) });
    const shared = federateAll(trained, 12);
    expect(coldOrder(trained, shared)).toBeGreaterThan(coldOrder(frozen, federateAll(frozen, 12)));
    // The quiet coordinate is what it turned up.
    const [first] = viewOf(trained.layout, shared, 'adapter');
    expect(first).toBeGreaterThan(0.1);
  });

  it("starts a person's vector from what her own text says, once all have learned to", () => {
    const people = 2;
    const known = { encodings: encodingsOf(texts(1, people)) };
    const recommender = createOnDeviceHybrid(specification, known);
    // The texts of person 0 and 1 tell their genre, as items' do.
    const shared = federateAll(recommender, 8, (user) => ({ ...warmHistory(user), ownText: itemCount + (user % 2) }));
    const bound = recommender.bind(shared);
    const meanOf = (scores: Float32Array, genre: number) =>
      scores.reduce((total, score, item) => total + (item % 2 === genre ? score : 0), 0);
    for (const person of [0, 1]) {
      const newcomer = { items: new Uint32Array(0), ownText: itemCount + person };
      const scores = bound.score(bound.fitPrivateState(newcomer, seededRandom(1)));
      expect(meanOf(scores, person)).toBeGreaterThan(meanOf(scores, 1 - person));
    }
  });

  it('moves no adapter where the device does not train one, and all else as the others do', () => {
    const known = { encodings: encodingsOf(texts(1)), encoder: linearEncoder(texts(1), textWidth) };
    const one = createOnDeviceHybrid(full, known);
    const other = createOnDeviceHybrid(full, { ...known, trainsAdapter: false });
    // Off the first parameters, where a projection of zero hides texts from the adapter.
    const shared = one.initialise(1).map((value, at) => value + 0.01 * Math.sin(at));
    const [with_, without] = [one, other].map((recommender) =>
      scatterContribution(recommender.bind(shared).train(warmHistory(0), seededRandom(1)).contribution),
    );
    const { offset, size } = one.layout.tensors[one.layout.tensors.length - 1];
    expect(without.subarray(offset, offset + size).every((value) => value === 0)).toBe(true);
    expect(with_.subarray(offset, offset + size).some((value) => value !== 0)).toBe(true);
    expect(with_.subarray(0, offset)).toEqual(without.subarray(0, offset));
  });

  it('names groups, scales them, and undoes the scales in the step', () => {
    const groupScales = { rows: 2, fusion: 0.5, adapter: 3 };
    const groupClip = { rows: 0.6, fusion: 0.6, adapter: 0.5 };
    const known = { encodings: encodingsOf(texts(1)), encoder: linearEncoder(texts(1), textWidth) };
    const plain = createOnDeviceHybrid(full, known);
    const scaled = createOnDeviceHybrid({ ...full, groupScales, groupClip }, known);
    // With id vectors alone texts ask for nothing; a second round has a projection.
    const shared = plain.initialise(1).map((value, at) => value + 0.01 * Math.sin(at));
    const [a, b] = [plain, scaled].map((one) => one.bind(shared).train(warmHistory(0), seededRandom(1)).contribution);
    expect(b.groupShares).toEqual(groupClip);
    for (const [group, norm] of groupNorms(b)) {
      expect(norm).toBeCloseTo(groupScales[group as 'rows'] * (groupNorms(a).get(group) ?? 0), 3);
      expect(norm).toBeGreaterThan(0);
    }
    const steps = [plain, scaled].map((one, which) =>
      one.direction(shared, { sum: scatterContribution([a, b][which]), denominator: 1 }),
    );
    steps[0].forEach((value, at) => {
      expect(steps[1][at]).toBeCloseTo(value, 4);
    });
  });

  it('counts under noise what stands out of it, so that an item that nobody touched lives on its text', () => {
    const recommender = createOnDeviceHybrid(specification, { encodings: encodingsOf(texts(1)) });
    const { offset, size } = recommender.layout.tensors.find(({ name }) => name === 'item-counts') ?? {
      offset: 0,
      size: 0,
    };
    const noise = seededRandom(6);
    const sum = new Float32Array(recommender.layout.size);
    for (let item = 0; item < size; item++) sum[offset + item] = (item < 20 ? 30 : 0) + noise.gaussian();
    const shared = recommender.initialise(1);
    const round = { sum, denominator: 100, noiseStandardDeviation: 1 };
    const counts = recommender.direction(shared, round).subarray(offset, offset + size);
    expect(counts.subarray(0, 20).every((count) => count > 0)).toBe(true);
    expect(counts.subarray(20).filter((count) => count > 0).length).toBeLessThanOrEqual(2);
  });

  it('refuses what does not fit together, and says what was expected', () => {
    const encodings = encodingsOf(texts(1));
    expect(() => createOnDeviceHybrid({ ...specification, features: { text: false, attributes: false } })).toThrow(
      /at least one of them/,
    );
    expect(() => createOnDeviceHybrid({ ...specification, textWidth: 5 }, { encodings })).toThrow(
      /40 texts, 5 numbers/,
    );
    expect(() => createOnDeviceHybrid({ ...full, adapter: null })).toThrow(/needs an adapter/);
    const other = linearEncoder(texts(1).subarray(0, 8 * textWidth), textWidth);
    expect(() => createOnDeviceHybrid(full, { encodings, encoder: other })).toThrow(
      /another encoder or another adapter/,
    );
    const coordinators = createOnDeviceHybrid(full);
    expect(() => coordinators.bind(coordinators.initialise(1))).toThrow(/needs encodings/);
    const groupClip = { rows: 1, fusion: 1, adapter: 0.1 };
    expect(() => createOnDeviceHybrid({ ...specification, groupClip })).toThrow(/at most 1 together/);
  });
});

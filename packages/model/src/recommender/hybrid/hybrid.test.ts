import { describe, expect, it } from 'vitest';
import type { Interactions } from '../../data/dataset.ts';
import { historyOf } from '../../data/dataset.ts';
import { evaluateColdItems, splitColdItems } from '../../evaluation/cold-items.ts';
import { seededRandom } from '../../random/seeded.ts';
import { accumulateContribution, scatterContribution } from '../contribution.ts';
import { createImplicitAls } from '../implicit-als/implicit-als.ts';
import type { Recommender } from '../recommender.ts';
import type { PublicItemsSpecification } from '../specification.ts';
import { createHybrid, deviceSpecification } from './hybrid.ts';
import { linearEncoder } from './on-device/linear-encoder.cases.ts';

const itemCount = 80;
const users = 150;
const kinds = 4;

/** Items of four kinds; people who like one of them; texts that say the kind, and much else. */
const random = seededRandom(5);
const kindOf = (item: number) => item % kinds;
const width = 12;
const encodings = {
  width,
  values: Float32Array.from({ length: itemCount * width }, (_, at) => {
    const kind = kindOf(Math.floor(at / width));
    return (at % width === kind ? 1 : 0) + 0.2 * random.gaussian();
  }),
  source: 'planted',
};
const items = Array.from({ length: itemCount }, (_, i) => ({ title: `Item ${i}`, attributes: [] }));
const liked = Array.from({ length: users }, (_, user) => {
  const own = new Set<number>();
  while (own.size < 10) {
    const item = random.below(itemCount);
    if (kindOf(item) === user % kinds || random.next() < 0.05) own.add(item);
  }
  return [...own];
});
const all: Interactions = {
  userCount: users,
  itemCount,
  offsets: Uint32Array.from({ length: users + 1 }, (_, user) => 10 * user),
  items: Uint32Array.from(liked.flat()),
};

const specification: PublicItemsSpecification = {
  kind: 'hybrid',
  plan: 'public-items',
  features: { text: true, attributes: false },
  textComponents: null,
  itemCount,
  dimension: 6,
  unobservedWeight: 0.3,
  regularisation: 0.01,
  initialScale: 0.1,
  recency: null,
  recencyInTraining: false,
  itemCap: null,
  groupScales: { rows: 1, counts: 0.1, outer: 0.5 },
};

function trainAll(recommender: Recommender, train: Interactions, noiseStandardDeviation = 0): Float32Array {
  const shared = recommender.initialise(1);
  const noise = seededRandom(9);
  for (let round = 0; round < 6; round++) {
    const bound = recommender.bind(shared);
    const sum = new Float32Array(recommender.contributionLayout.size);
    for (let user = 0; user < users; user++) {
      const history = { items: historyOf(train, user) };
      if (history.items.length > 0)
        accumulateContribution(bound.train(history, seededRandom(user)).contribution, 1, sum);
    }
    for (let at = 0; at < sum.length; at++) sum[at] += noiseStandardDeviation * noise.gaussian();
    const step = recommender.direction(shared, { sum, denominator: users, noiseStandardDeviation });
    for (let at = 0; at < shared.length; at++) shared[at] += 0.7 * step[at];
  }
  return shared;
}

const cold = splitColdItems(all, 0.25, 3);
function coldNdcg(recommender: Recommender, shared: Float32Array): number {
  const bound = recommender.bind(shared);
  return evaluateColdItems(cold, (user) =>
    bound.score(bound.fitPrivateState({ items: historyOf(cold.train, user) }, seededRandom(user))),
  )['ndcg@20'];
}

/** By an order that says nothing, and by who knows each item's kind and each person's; within a kind nobody can tell. */
const byChance = (user: number) =>
  Float64Array.from({ length: itemCount }, (_, item) => Math.sin(1 + 7 * user + 3 * item * item));
const chance = evaluateColdItems(cold, byChance)['ndcg@20'];
const oracle = evaluateColdItems(cold, (user) =>
  byChance(user).map((score, item) => score + (kindOf(item) === user % kinds ? 9 : 0)),
)['ndcg@20'];
/** 0: chance; 1: the oracle. */
const knowledge = (ndcg: number) => (ndcg - chance) / (oracle - chance);

describe('hybrid, plan public-items', () => {
  const hybrid = createHybrid(specification, { items, encodings });
  const als = createImplicitAls(deviceSpecification(specification));

  it('asks of a device what implicit-als does, to the bit, and of its download no more', () => {
    const shared = hybrid.initialise(1);
    expect(hybrid.layout.hash).toBe(als.layout.hash);
    expect(hybrid.contributionLayout.hash).toBe(als.contributionLayout.hash);
    const history = { items: historyOf(all, 0) };
    const contributions = [hybrid, als].map((recommender) =>
      scatterContribution(recommender.bind(shared).train(history, seededRandom(1)).contribution),
    );
    expect(contributions[0]).toEqual(contributions[1]);
  });

  it('ranks items that nobody has touched by what their texts say; interactions alone cannot', () => {
    const byText = coldNdcg(hybrid, trainAll(hybrid, cold.train));
    const byInteractions = coldNdcg(als, trainAll(als, cold.train));
    expect(knowledge(byText)).toBeGreaterThan(0.85);
    expect(Math.abs(knowledge(byInteractions))).toBeLessThan(0.5);
  });

  it('does so under noise, too', () => {
    expect(knowledge(coldNdcg(hybrid, trainAll(hybrid, cold.train, 0.05)))).toBeGreaterThan(0.5);
  });

  it('needs encodings to take a step, and says so; devices need none', () => {
    const without = createHybrid(specification);
    const shared = without.initialise(1);
    const sum = scatterContribution(
      without.bind(shared).train({ items: historyOf(all, 0) }, seededRandom(1)).contribution,
    );
    expect(() => without.direction(shared, { sum, denominator: 1 })).toThrow(/encodings of its 80 items; got none/);
    const short = { ...encodings, values: encodings.values.slice(width) };
    expect(() => createHybrid(specification, { encodings: short }).direction(shared, { sum, denominator: 1 })).toThrow(
      /got 79/,
    );
  });

  it('steps as the frozen plan under an adapter of no steps, and ranks cold items better with more, by an encoder that hid their kinds', () => {
    const adapter = {
      rank: 2,
      alpha: 4,
      targets: ['query' as const],
      lastLayers: null,
      frozenA: true,
      steps: 0,
      learningRate: 0.1,
      texts: 16,
    };
    const hidden = {
      ...encodings,
      values: encodings.values.map((value, at) => (at % width < kinds ? 0.03 : 1) * value),
    };
    const encoder = linearEncoder(hidden.values, width);
    const of = (steps: number, given = {}) =>
      createHybrid({ ...specification, adapter: { ...adapter, steps } }, { encodings: hidden, ...given });
    const frozen = trainAll(createHybrid(specification, { encodings: hidden }), cold.train);
    expect(trainAll(of(0), cold.train)).toEqual(frozen);
    expect(() => trainAll(of(8), cold.train)).toThrow('needs its text encoder to take a step; got none');
    const adapted = trainAll(of(40, { encoder }), cold.train);
    expect(trainAll(of(40, { encoder }), cold.train)).toEqual(adapted);
    expect(coldNdcg(hybrid, adapted)).toBeGreaterThan(coldNdcg(hybrid, frozen) + 0.1);
  });

  it('is refused without text and attributes', () => {
    expect(() => createHybrid({ ...specification, features: { text: false, attributes: false } })).toThrow(RangeError);
  });

  it('asks for no move after a round that brought nothing', () => {
    const sum = new Float32Array(hybrid.contributionLayout.size);
    expect(hybrid.direction(hybrid.initialise(1), { sum, denominator: 0 }).every((move) => move === 0)).toBe(true);
  });
});

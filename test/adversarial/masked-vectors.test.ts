/** What a masked vector tells: nothing. Statistically, algebraically, and by the attack that reads a bare one. */
import { encodeForSum, sectionEncodings, trainForRound } from '@tributary/client/training';
import { securePlanOf } from '@tributary/coordinator/round';
import {
  accumulateContribution,
  createRecommender,
  historyOf,
  type RecommenderSpecification,
  seededRandom,
} from '@tributary/model';
import { syntheticCatalogue } from '@tributary/model/data';
import {
  createModularAccumulator,
  decodeSum,
  maskVector,
  packedLength,
  seededResearchRandom,
  unpackValues,
} from '@tributary/privacy';
import { checkTaskDocument, payloadSections, recommenderSpecificationOf } from '@tributary/protocol';
import { describe, expect, it } from 'vitest';
import { plainSum, rehearse, runRehearsal } from '../../packages/privacy/src/secagg/testing/rehearsal.ts';
import {
  compare,
  deviationFromChance,
  f1,
  pooled,
  signSplit,
} from '../../packages/simulator/src/attacks/sign-split.ts';

const people = 24;
const items = 400;
const { interactions } = syntheticCatalogue({ users: people, items, interactionsPerUser: 25, seed: 11 });
const check = checkTaskDocument({
  version: 1,
  task: 'films',
  population: 'people',
  model: { kind: 'matrix-factorisation', dimension: 4 },
  training: {
    local: {
      epochs: 1,
      reconstructionEpochs: 1,
      batchSize: 8,
      learningRate: 0.1,
      privateLearningRate: 0.1,
      negativesPerPositive: 2,
      regularisation: 0,
    },
  },
  rounds: 1,
  cohort: { target: people, minimum: 20, overSelection: 1 },
  privacy: { plan: 'secure', clipNorm: 2 },
  optimizer: { kind: 'fedavg', learningRate: 1 },
  evaluation: { federated: false },
});
if (!check.ok) throw new Error(JSON.stringify(check.problems));
const { task } = { task: check.task };
const recommender = createRecommender(recommenderSpecificationOf(task, items) as RecommenderSpecification);
const vectorSections = payloadSections(recommender.contributionLayout.size, false);
const described = {
  sections: vectorSections,
  clipNorm: task.privacy.clipNorm,
  evaluationScale: task.evaluation.scale,
  secure: { ...securePlanOf(task, vectorSections), identityLog: null },
};
const encodings = sectionEncodings(described);
const shape = encodings.map(({ length, bits }) => ({ length, bits }));
const bound = recommender.bind(recommender.initialise(1));

/** One person's update, trained as on a device. */
function updateOf(user: number) {
  return trainForRound({
    bound,
    layoutSizes: { items, contribution: vectorSections.contribution },
    history: { items: historyOf(interactions, user) },
    plan: {
      clipNorm: 2,
      evaluationScale: 0.01,
      weighting: task.weighting,
      evaluation: { federated: false, negatives: 9 },
    },
    random: seededRandom(user),
  });
}

const own = (user: number) => new Set(historyOf(interactions, user));
/** Changes below this are the rounding's: the grid is some 1e-5 wide, what a device moves a thousand times that. */
const threshold = 1e-3;
const split = (delta: Float32Array) =>
  signSplit(
    recommender.contributionLayout,
    delta.map((value) => (Math.abs(value) < threshold ? 0 : value)),
  );
const attack = (delta: Float32Array, user: number) => compare(split(delta), own(user), items);

/** A real round in which the devices contribute what they trained. */
function realRound() {
  const rehearsal = rehearse({ n: people, sections: shape, seed: 21, minimum: 20 });
  const { roundHash } = rehearsal.round;
  const random = seededResearchRandom(22);
  const devices = rehearsal.devices.map((device, user) => ({
    ...device,
    values: encodeForSum(updateOf(user), described, roundHash, random),
  }));
  const trained = { ...rehearsal, devices };
  return { trained, outcome: runRehearsal(trained), roundHash };
}

describe('the sign-split attack', () => {
  const { trained, outcome, roundHash } = realRound();

  it('tells everything from a bare delta', () => {
    const bare = Array.from({ length: people }, (_, user) => {
      const delta = new Float32Array(vectorSections.contribution);
      const { contribution, factor } = updateOf(user);
      accumulateContribution(contribution, factor, delta);
      return attack(delta, user);
    });
    expect(f1(pooled(bare))).toBeGreaterThan(0.99);
  });

  it('tells it still from a vector that is encoded and not masked: rotation and rounding hide nothing', () => {
    const encoded = trained.devices.map(({ values }, user) =>
      attack(decodeSum(values[0].slice(), encodings[0], roundHash).values, user),
    );
    expect(f1(pooled(encoded))).toBeGreaterThan(0.9);
  });

  it('is at chance on what leaves the device', () => {
    const masked = trained.devices.map(({ id }, user) => {
      const vector = outcome.vectors.get(id) ?? new Uint8Array(0);
      const values = unpackValues(
        vector.subarray(0, packedLength(shape[0].length, shape[0].bits)),
        shape[0].length,
        shape[0].bits,
      );
      return attack(decodeSum(values, encodings[0], roundHash).values, user);
    });
    expect(Math.abs(deviationFromChance(pooled(masked)))).toBeLessThan(4);
  });

  it('still reads from the exact sum the items that one device alone had: noise is what hides those', () => {
    const sum = decodeSum(outcome.sums[0].slice(), encodings[0], roundHash).values;
    const owners = new Map<number, number[]>();
    for (let user = 0; user < people; user++) {
      for (const item of own(user)) owners.set(item, [...(owners.get(item) ?? []), user]);
    }
    const taken = split(sum);
    const alone = new Set([...owners].filter(([, users]) => users.length === 1).map(([item]) => item));
    const looked = new Set(
      Array.from({ length: items }, (_, item) => item).filter((item) => !owners.has(item) || alone.has(item)),
    );
    // Against items that nobody had: negatives that others drew hide some, far from all.
    const confusion = compare(new Set([...taken].filter((item) => looked.has(item))), alone, looked.size);
    expect(alone.size).toBeGreaterThan(5);
    expect(deviationFromChance(confusion)).toBeGreaterThan(2.5);
  });

  it('and the opened sum is the sum of what the devices encoded', () => {
    expect(outcome.sums).toEqual(plainSum(trained, outcome.uploaded));
  });
});

describe('masked vectors', () => {
  /** Structured, equal inputs of all devices: whatever shows in them is the masks'. */
  const length = 60_000;
  const rehearsal = rehearse({ n: 24, sections: [{ length, bits: 32 }], seed: 31, minimum: 20 });
  for (const { values } of rehearsal.devices) values[0].fill(7);
  const { vectors } = runRehearsal(rehearsal);

  it('pass as uniform bytes, and so do pairs of neighbouring ones: more than a million words', () => {
    const bytes = new Float64Array(256);
    const pairs = new Float64Array(65_536);
    let count = 0;
    for (const vector of vectors.values()) {
      for (let i = 0; i < vector.length; i += 2) {
        bytes[vector[i]] += 1;
        bytes[vector[i + 1]] += 1;
        pairs[vector[i] | (vector[i + 1] << 8)] += 1;
        count += 1;
      }
    }
    expect(2 * count).toBeGreaterThan(4 * 1_000_000);
    const chiSquare = (counts: Float64Array, total: number) => {
      const expected = total / counts.length;
      return counts.reduce((sum, observed) => sum + (observed - expected) ** 2 / expected, 0);
    };
    // Mean and standard deviation of chi-square with k degrees of freedom: k and sqrt(2 k); six of them to either side.
    for (const [counts, total] of [
      [bytes, 2 * count],
      [pairs, count],
    ] as const) {
      const freedom = counts.length - 1;
      expect(Math.abs(chiSquare(counts, total) - freedom)).toBeLessThan(6 * Math.sqrt(2 * freedom));
    }
  });

  it('of two different inputs are one and the same under suitable masks: none can be excluded', () => {
    const random = seededResearchRandom(41);
    const bits = 20;
    const draw = () => new Uint32Array(random.bytes(4 * 100).slice().buffer).map((value) => value % 2 ** bits);
    const [one, other, mask] = [draw(), draw(), draw()];
    const masked = one.map((value, i) => (value + mask[i]) % 2 ** bits);
    // The mask under which the other input gives the same vector exists, and is as likely as any.
    const otherMask = masked.map((value, i) => (value - other[i] + 2 ** bits) % 2 ** bits);
    expect(other.map((value, i) => (value + otherMask[i]) % 2 ** bits)).toEqual(masked);
  });

  it('and the accumulator that they are added to hold no single input and no partial sum in the clear', () => {
    // What a snapshot of the coordinator's accumulator would show after each upload, before shares are revealed.
    const accumulator = createModularAccumulator({ length, bits: 32, section: 0 });
    let uploads = 0;
    for (const vector of vectors.values()) {
      accumulator.addPacked(vector);
      uploads += 1;
      const held = accumulator.values();
      const inTheClear = held.filter((value) => value === 7 * uploads).length;
      // By chance one word in 2^32 has that value.
      expect(inTheClear).toBeLessThanOrEqual(1);
    }
    // Of every device's own mask not one has cancelled, so that even the complete sum is noise until b is opened.
    expect(uploads).toBe(24);
  });

  it('differ from one another and from round to round, however equal the inputs are', () => {
    const again = runRehearsal({ ...rehearsal, random: seededResearchRandom(77) });
    const all = [...vectors.values(), ...again.vectors.values()].map((vector) => vector.subarray(0, 32).join());
    expect(new Set(all).size).toBe(48);
    expect(maskVector([new Uint32Array(3)], [{ length: 3, bits: 8 }], [])).toEqual(new Uint8Array(3));
  });
});

/** What an adversary puts into simulated rounds, and what it sees of them. */
import { createRecommender, historyOf, scatterContribution, seededRandom } from '@tributary/model';
import { splitLeaveLastOneOut, syntheticCatalogue } from '@tributary/model/data';
import { checkTaskDocument, recommenderSpecificationOf } from '@tributary/protocol';
import { describe, expect, it } from 'vitest';
import type { Dishonesty, SimulatedRelease } from './options.ts';
import { simulate } from './simulate.ts';

const dataset = syntheticCatalogue({ users: 30, items: 40, interactionsPerUser: 10, seed: 3 });
const split = splitLeaveLastOneOut(dataset, { negatives: 20, seed: 3 });
const checked = checkTaskDocument({
  version: 1,
  task: 'films',
  population: 'readers',
  model: { kind: 'implicit-als', dimension: 4, unobservedWeight: 0.3, regularisation: 0.01 },
  rounds: 2,
  cohort: { target: 30, minimum: 20, overSelection: 1 },
  privacy: { plan: 'sealed', clipNorm: 3 },
  optimizer: { kind: 'fedavg', learningRate: 0.5 },
  evaluation: { federated: false },
});
if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
const { task } = checked;
const recommender = createRecommender(recommenderSpecificationOf(task, 40));
const { size } = recommender.contributionLayout;

async function releasesOf(dishonest?: ReadonlyMap<number, Dishonesty>, plan = task): Promise<SimulatedRelease[]> {
  const releases: SimulatedRelease[] = [];
  await simulate({
    ...{ task: plan, dataset, split, workers: 1, centralTwin: false, evaluateEvery: 0, cryptography: false },
    ...(dishonest && { dishonest }),
    onRelease: (release) => void releases.push(release),
  });
  return releases;
}

describe('the releases of a simulation', () => {
  it('follow from one another by the sums that they show', async () => {
    const releases = await releasesOf();
    expect(releases).toHaveLength(2);
    expect(releases[0].before).toEqual(recommender.initialise(task.seed));
    expect(releases[1].before).toEqual(releases[0].after);
    for (const { before, after, sum, contributors } of releases) {
      expect(contributors).toHaveLength(30);
      expect(sum[size]).toBe(30);
      const direction = recommender.direction(before, { sum: sum.subarray(0, size), denominator: 30 });
      expect(after).toEqual(before.map((value, i) => value + 0.5 * direction[i]));
    }
  });
});

describe('a dishonest device', () => {
  const values = Float32Array.from({ length: 4 }, (_, i) => (i % 2 === 0 ? 6 : -6));
  const rows = { kind: 'rows', offset: 0, rowSize: 4, rows: Uint32Array.of(7), values } as const;
  const crafted = new Map([[5, { kind: 'crafted', contribution: { size, parts: [rows] } }]] as const);

  it('contributes what it crafted instead of what it trained, clipped as any', async () => {
    const [honest] = await releasesOf();
    const [lied] = await releasesOf(crafted);
    const bound = recommender.bind(honest.before);
    const { contribution } = bound.train({ items: historyOf(split.train, 5) }, seededRandom(1));
    const truth = scatterContribution(contribution);
    const norm = Math.hypot(...truth);
    // Of norm 12 and clipped to 3.
    const lie = scatterContribution({ size, parts: [{ ...rows, values: values.map((value) => value / 4) }] });
    for (let i = 0; i < size; i++) {
      expect(lied.sum[i] - honest.sum[i]).toBeCloseTo(lie[i] - truth[i] * Math.min(1, 3 / norm), 4);
    }
  });

  it('does so as integers too, within what they are rounded by', async () => {
    const secure = { ...task, privacy: { ...task.privacy, plan: 'secure' as const } };
    const [sealed] = await releasesOf(crafted);
    const [encoded] = await releasesOf(crafted, secure);
    for (let i = 0; i < size; i++) expect(encoded.sum[i]).toBeCloseTo(sealed.sum[i], 2);
  });

  it('or its training times a factor, all of it or one item alone', async () => {
    const loose = { ...task, privacy: { ...task.privacy, clipNorm: null } };
    const [honest] = await releasesOf(undefined, loose);
    const [boosted] = await releasesOf(new Map([[5, { kind: 'scaled', factor: 3 }]] as const), loose);
    const bound = recommender.bind(honest.before);
    const { contribution } = bound.train({ items: historyOf(split.train, 5) }, seededRandom(1));
    const own = scatterContribution(contribution);
    for (let i = 0; i < size; i++) expect(boosted.sum[i] - honest.sum[i]).toBeCloseTo(2 * own[i], 4);

    const [item] = historyOf(split.train, 5);
    const [focused] = await releasesOf(new Map([[5, { kind: 'scaled', factor: 3, item }]] as const), loose);
    const { tensors } = recommender.contributionLayout;
    for (const { offset, shape, size: length } of tensors) {
      const width = shape[0] === 40 ? length / 40 : 0;
      for (let i = 0; i < length; i++) {
        const kept = width > 0 && Math.floor(i / width) === item ? 3 : 0;
        expect(focused.sum[offset + i] - honest.sum[offset + i]).toBeCloseTo((kept - 1) * own[offset + i], 4);
      }
    }
  });
});

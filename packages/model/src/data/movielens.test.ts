/** Known answers on the real data sets, which may not be redistributed: skipped where they are not at hand. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { popularityScores } from '../evaluation/baselines.ts';
import { evaluateRanking } from '../evaluation/evaluate.ts';
import { finishQuality } from '../evaluation/sums.ts';
import { type Dataset, historyOf, type Split } from './dataset.ts';
import { describeDataset } from './describe.ts';
import { DataError } from './error.ts';
import { loadDataset } from './load.ts';
import { loadSplit } from './load-split.ts';
import { hasNcfSplit, loadNcfSplit } from './ncf-split.ts';
import { splitLeaveLastOneOut } from './split.ts';

const data = process.env.TRIBUTARY_DATA ?? fileURLToPath(new URL('../../../../../shared/data', import.meta.url));
const folder100k = join(data, 'movielens-100k');
const folder1m = join(data, 'movielens-1m');
const without = (folder: string) => !existsSync(folder);
const reason = (folder: string) => (without(folder) ? ' (skipped: set TRIBUTARY_DATA to a folder that has it)' : '');

/** Interactions with a rating of at least 1, 2, .. 5. */
async function atLeast(folder: string): Promise<number[]> {
  const counts: number[] = [];
  for (const minimumRating of [1, 2, 3, 4, 5]) {
    counts.push((await loadDataset(folder, { minimumRating })).interactions.items.length);
  }
  return counts;
}

describe.skipIf(without(folder100k))(`MovieLens 100K${reason(folder100k)}`, () => {
  it('has the published facts', async () => {
    const dataset = await loadDataset(folder100k);
    const description = describeDataset(dataset);
    expect([description.users, description.items, description.interactions]).toEqual([943, 1682, 100_000]);
    expect(description.historyLength.minimum).toBe(20);
    expect(description.timeSpan).toEqual({ first: 874_724_710, last: 893_286_638 });
    expect(dataset.userIds.every((id, user) => Number(id) === user + 1)).toBe(true);
    expect(dataset.items.every(({ id }, item) => Number(id) === item + 1)).toBe(true);
    expect(dataset.items[266].title).toBe('unknown');
    expect(new Set(dataset.items.map((item) => item.title)).size).toBe(1664);
    expect(dataset.items.filter((item) => item.attributes.includes('unknown'))).toHaveLength(2);
    expect(dataset.items.some((item) => item.title === 'Nénette et Boni (1996)')).toBe(true);
  });

  it('has the published ratings', async () => {
    const ratings = [6110, 11_370, 27_145, 34_174, 21_201];
    expect(await atLeast(folder100k)).toEqual(ratings.map((_, i) => ratings.slice(i).reduce((sum, n) => sum + n, 0)));
  });

  it('has a popularity baseline that an independent NumPy program finds too', async () => {
    const split = splitLeaveLastOneOut(await loadDataset(folder100k), { seed: 1 });
    const scores = popularityScores(split.train);
    const report = finishQuality(evaluateRanking({ scoresOf: () => scores, split, on: 'test' }));
    expect(report.full['hr@10']).toBeCloseTo(0.08589607635206786, 12);
    expect(report.full['ndcg@10']).toBeCloseTo(0.04385211461578977, 12);
  });
});

describe.skipIf(without(folder1m))(`MovieLens 1M${reason(folder1m)}`, () => {
  let dataset: Dataset;
  let split: Split;
  beforeAll(async () => {
    dataset = await loadDataset(folder1m);
    split = await loadNcfSplit(folder1m);
  });

  it('has the published facts', () => {
    const description = describeDataset(dataset);
    expect([description.users, description.items, description.interactions]).toEqual([6040, 3706, 1_000_209]);
    expect([description.historyLength.minimum, description.historyLength.maximum]).toEqual([20, 2314]);
    expect(description.itemsWithDescription).toBe(3685);
    expect([dataset.items[0].id, dataset.items[1].id]).toEqual(['1193', '661']);
    expect(dataset.userIds.every((id, user) => Number(id) === user + 1)).toBe(true);
  });

  it('has the published number of ratings of 4 and of 5, for which the published split is no split', async () => {
    const liked = await loadDataset(folder1m, { minimumRating: 4 });
    expect(liked.interactions.items.length).toBe(348_971 + 226_310);
    expect((await loadSplit(folder1m, liked, { seed: 0 })).name).toBe('movielens-1m-leave-last-one-out');
  });

  it("has He et al.'s split, in the same numbering", () => {
    expect(hasNcfSplit(folder1m)).toBe(true);
    expect(split.train.items.length).toBe(994_169);
    expect(new Set(split.train.items).size).toBe(3704);
    expect([split.train.userCount, split.train.itemCount, split.negativesPerUser]).toEqual([6040, 3706, 99]);
    expect(split.test.filter((item) => item >= 0)).toHaveLength(6040);
    let repeats = 0;
    for (let user = 0; user < 6040; user++) {
      const train = new Set(historyOf(split.train, user));
      const negatives = split.testNegatives.subarray(user * 99, (user + 1) * 99);
      repeats += +negatives.includes(split.test[user]);
      expect(negatives.some((item) => train.has(item))).toBe(false);
      // Training pairs and test pair together are the user's ratings of the whole data set.
      expect(new Set([...train, split.test[user]])).toEqual(new Set(historyOf(dataset.interactions, user)));
      expect(split.validation[user]).toBe(historyOf(split.train, user).at(-1));
    }
    expect(repeats).toBe(156);
  });

  it('gives ItemPop exactly HR@10 .4538 and NDCG@10 .2545', () => {
    const scores = popularityScores(split.train);
    const report = finishQuality(evaluateRanking({ scoresOf: () => scores, split, on: 'test', ties: 'optimistic' }));
    expect(report.sampled['hr@10'].toFixed(4)).toBe('0.4538');
    expect(report.sampled['ndcg@10'].toFixed(4)).toBe('0.2545');
  });

  it('keeps the validation items out of training while choosing', async () => {
    const choosing = await loadSplit(folder1m, dataset, { purpose: 'validation', seed: 0 });
    expect(choosing.name).toBe('ml-1m-ncf');
    expect(choosing.train.items.length).toBe(994_169 - 6040);
    for (let user = 0; user < 6040; user += 10) {
      expect([...historyOf(choosing.train, user), split.validation[user]]).toEqual([...historyOf(split.train, user)]);
    }
    expect(choosing.validationNegatives).toEqual(split.validationNegatives);
  });
});

describe('loadNcfSplit', () => {
  it('reads the published layout, and says what is wrong with another', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-ncf-'));
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
    write('toy.train.rating', '0\t2\t5\t30\n0\t1\t5\t10\n0\t4\t5\t20\n1\t0\t3\t5\n');
    write('toy.test.rating', '0\t3\t4\t40\n1\t2\t4\t9\n');
    write('toy.test.negative', '(0,3)\t0\t3\n(1,2)\t1\t5\n');
    const split = await loadNcfSplit(folder, { prefix: 'toy' });
    expect([...historyOf(split.train, 0)]).toEqual([1, 4, 2]);
    expect([...split.test]).toEqual([3, 2]);
    expect([...split.validation]).toEqual([2, -1]);
    expect([...split.testNegatives]).toEqual([0, 3, 1, 5]);
    expect(split.train.itemCount).toBe(6);

    write('toy.test.negative', '(0,3)\t0\t3\n(1,4)\t1\t5\n');
    await expect(loadNcfSplit(folder, { prefix: 'toy' })).rejects.toThrow(/negative:2: .*start with the test pair/);
    write('toy.train.rating', '0\t2\t5\t30\n0\t-1\t5\t10\n');
    await expect(loadNcfSplit(folder, { prefix: 'toy' })).rejects.toThrow(/rating:2: the item is no index/);
    await expect(loadNcfSplit(folder)).rejects.toBeInstanceOf(DataError);
    expect(hasNcfSplit(folder)).toBe(false);
    rmSync(folder, { recursive: true });
  });
});

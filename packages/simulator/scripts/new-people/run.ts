/**
 * What to show to a person of whom nothing is known: orders that a device can make of the public model alone, against the popularity that
 * no device knows and a random draw. A fifth of the people is kept out of training; they are the new ones.
 *
 *   npx tsx --conditions=source packages/simulator/scripts/new-people/run.ts --plan docs/plans/movielens-100k.yaml --data ../shared/data/movielens-100k
 *
 * Prints NDCG@10 under the full ranking, of a new person's first ten items and of all of them, and, for what picks add, of all but three
 * picked ones, drawn. Seconds for MovieLens-100K, a minute for -1M. Plans are run as `sealed`, a plan's noise included.
 *
 * --fold     0 to 4: which fifth is new (default 1; the power in `estimatePopularity` was chosen on 0)
 * --rounds   fewer or more than the plan's
 * --seed     of training (default 1)
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import {
  createRecommender,
  type Dataset,
  estimatePopularity,
  historyOf,
  type Interactions,
  randomScores,
  seededRandom,
  shuffle,
  topK,
} from '@tributary/model';
import { loadDataset, splitLeaveLastOneOut } from '@tributary/model/data';
import { checkTaskDocument, recommenderSpecificationOf, type TaskDocument } from '@tributary/protocol';
import { simulate } from '@tributary/simulator';
import { parse } from 'yaml';
import { candidateScores, fittedTo } from './candidates.ts';
import { meanNdcg } from './quality.ts';

const { values: options } = parseArgs({
  options: {
    plan: { type: 'string', default: 'docs/plans/movielens-100k.yaml' },
    data: { type: 'string', default: '../shared/data/movielens-100k' },
    fold: { type: 'string', default: '1' },
    rounds: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
const pickedItems = 3;

const dataset = await loadDataset(options.data);
const { interactions } = dataset;
const isNew = (user: number) => user % 5 === Number(options.fold);
const known = { ...dataset, ...onlyThose(dataset, (user) => !isNew(user)) };
const newcomers = onlyThose(dataset, isNew).interactions;
const task = await taskOf(options.plan, known.interactions.userCount);
const { parameters } = await simulate({
  ...{ task, dataset: known, split: splitLeaveLastOneOut(known, { seed: 1 }), seed: Number(options.seed) },
  ...{ evaluateEvery: 0, centralTwin: false, workers: 2 },
});
const specification = recommenderSpecificationOf(task, interactions.itemCount);
const random = seededRandom(1);
const histories = Array.from({ length: newcomers.userCount }, (_, user) => historyOf(newcomers, user));
const picks = histories.map((items) => shuffle(items.slice(), random).subarray(0, pickedItems));

const rows: Record<string, Record<string, string>> = {};
function measure(name: string, scoresOf: (user: number) => Float32Array): void {
  const of = (relevantUpTo: number) =>
    meanNdcg(histories, (user) => ({ scores: scoresOf(user), relevantUpTo })).toFixed(3);
  const rest = meanNdcg(histories, (user) => ({ scores: scoresOf(user), without: picks[user] })).toFixed(3);
  rows[name] = { 'first ten': of(10), all: of(Number.POSITIVE_INFINITY), 'but picks': rest };
}
measure('random', (user) => randomScores(interactions.itemCount, 1, user));
for (const [name, scores] of candidateScores(specification, parameters, known.interactions))
  measure(name, () => scores);
const fit = fittedTo(specification, parameters);
const popular = topK(
  estimatePopularity(createRecommender(specification).bind(parameters)),
  pickedItems,
).items.reverse();
for (const [name, before] of [
  ['picks alone', new Uint32Array(0)],
  ['picks after popular items', popular],
] as const) {
  const scoresOf = (user: number) => fit(Uint32Array.from([...before, ...picks[user]]));
  const rest = meanNdcg(histories, (user) => ({ scores: scoresOf(user), without: picks[user] }));
  rows[name] = { 'but picks': rest.toFixed(3) };
}
console.log(`${options.plan}, ${newcomers.userCount} new people, NDCG@10`);
console.table(rows);

function onlyThose({ interactions: all, userIds }: Dataset, takes: (user: number) => boolean) {
  const users = Array.from({ length: all.userCount }, (_, user) => user).filter(takes);
  const offsets = new Uint32Array(users.length + 1);
  users.forEach((user, at) => {
    offsets[at + 1] = offsets[at] + historyOf(all, user).length;
  });
  const items = new Uint32Array(offsets[users.length]);
  users.forEach((user, at) => {
    items.set(historyOf(all, user), offsets[at]);
  });
  const part: Interactions = { userCount: users.length, itemCount: all.itemCount, offsets, items };
  return { interactions: part, userIds: users.map((user) => userIds[user]) };
}

/** The plan for as many people as there are, its sums in float32. */
async function taskOf(file: string, people: number): Promise<TaskDocument> {
  const plan = parse(await readFile(file, 'utf8'));
  const { secure: _, ...privacy } = plan.privacy;
  if (privacy.noise === undefined) privacy.clipNorm = null;
  const cohort = plan.cohort.target > people ? { ...plan.cohort, target: people, minimum: people } : plan.cohort;
  const rounds = options.rounds === undefined ? plan.rounds : Number(options.rounds);
  const check = checkTaskDocument({ ...plan, rounds, cohort, privacy: { ...privacy, plan: 'sealed' } });
  if (check.ok) return check.task;
  throw new Error(check.problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
}

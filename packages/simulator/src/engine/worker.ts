/** Entry of a worker thread: trains and ranks chunks of users. Its state is a cache; every task says all that it depends on. */
import { workerData } from 'node:worker_threads';
import { trainForRound } from '@tributary/client/training';
import {
  accumulateContribution,
  type BoundRecommender,
  evaluateRanking,
  historyOf,
  popularityScores,
  randomScores,
} from '@tributary/model';
import { buildRecommender, trainCentrally } from './build-recommender.ts';
import { streamOf } from './streams.ts';
import type {
  CentralTask,
  RankOutcome,
  RankTask,
  ScoredModel,
  TrainOutcome,
  TrainTask,
  WorkerSetting,
} from './worker-setting.ts';

const setting = workerData as WorkerSetting;
const { split, seed, sections, plan } = setting;
const { userCount, itemCount } = split.train;
const recommender = buildRecommender(setting.specification);
const scores = new Float32Array(itemCount);

let bound: { readonly version: number; readonly recommender: BoundRecommender } | null = null;

/** Binding may cost a Gramian of the whole item table: once for a version, not once for a chunk. */
async function bind(version: number): Promise<BoundRecommender> {
  if (bound?.version !== version) bound = { version, recommender: (await recommender).bind(setting.parameters) };
  return bound.recommender;
}

/** Trains the chunk's users and leaves their sum in the task's place. */
export async function train({ version, round, users, place }: TrainTask): Promise<TrainOutcome> {
  const model = await bind(version);
  const sum = setting.places[place];
  sum.fill(0);
  let lossSum = 0;
  let clipped = 0;
  const layoutSizes = { items: itemCount, contribution: sections.contribution };
  for (const user of users) {
    const history = { items: historyOf(split.train, user) };
    const random = streamOf(seed, 'training', round, userCount, user);
    const update = trainForRound({ bound: model, layoutSizes, history, plan, random });
    // The compact form gives the sum that the dense upload would, for a fraction of the memory traffic.
    accumulateContribution(update.contribution, update.factor, sum);
    for (let i = 0; i < update.evaluation.length; i++) sum[sections.contribution + i] += update.evaluation[i];
    sum[sum.length - 1] += update.weight;
    lossSum += update.loss;
    if (update.factor < update.weight) clipped++;
  }
  return { lossSum, clipped };
}

/** Ranks the held-out items of the users [from, to). */
export async function rank({ model, from, to }: RankTask): Promise<RankOutcome> {
  return evaluateRanking({ scoresOf: await scorer(model), split, on: setting.evaluateOn, from, to });
}

async function scorer(model: ScoredModel): Promise<(user: number) => Float32Array> {
  if (model.kind === 'random') return (user) => randomScores(itemCount, seed, user);
  if (model.kind === 'popularity') {
    const popularity = popularityScores(split.train);
    return () => popularity;
  }
  const fitted = await bind(model.version);
  return (user) => {
    const history = { items: historyOf(split.train, user) };
    const state = fitted.fitPrivateState(history, streamOf(seed, 'scoring', 0, userCount, user));
    return fitted.score(state, scores);
  };
}

/** The same loss, trained with all data in one place; returns the shared parameters. */
export async function central({ passes }: CentralTask): Promise<Float32Array> {
  return trainCentrally(setting.specification, split.train, passes, seed);
}

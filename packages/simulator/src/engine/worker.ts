/** Entry of a worker thread: trains and ranks chunks of users. Its state is a cache; every task says all that it depends on. */
import { workerData } from 'node:worker_threads';
import { encodeForSum, sectionEncodings, trainForRound } from '@tributary/client/training';
import {
  accumulateContribution,
  type BoundRecommender,
  evaluateRanking,
  historyOf,
  popularityScores,
  randomScores,
} from '@tributary/model';
import { frame, hexToBytes, keystreamRandom, maskVector, type SecureRandom, sha256, u32le } from '@tributary/privacy';
import { type RoundDescriptorFields, roundHash } from '@tributary/protocol';
import { buildRecommender, trainCentrally } from './build-recommender.ts';
import { dishonestly } from './dishonest.ts';
import { streamOf } from './streams.ts';
import type {
  CentralTask,
  EncodeTask,
  MaskOutcome,
  MaskTask,
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
const recommender = buildRecommender(setting.specification, setting.known);
const scores = new Float32Array(itemCount);

let bound: { readonly version: number; readonly recommender: BoundRecommender } | null = null;

/** Binding may cost a Gramian of the whole item table: once for a version, not once for a chunk. */
async function bind(version: number): Promise<BoundRecommender> {
  if (bound?.version !== version) bound = { version, recommender: (await recommender).bind(setting.parameters) };
  return bound.recommender;
}

function asContributed(model: BoundRecommender, user: number): BoundRecommender {
  const dishonesty = setting.dishonest.get(user);
  return dishonesty ? dishonestly(model, dishonesty) : model;
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
    const update = trainForRound({ bound: asContributed(model, user), layoutSizes, history, plan, random });
    // The compact form gives the sum that the dense upload would, for a fraction of the memory traffic.
    accumulateContribution(update.contribution, update.factor, sum);
    for (let i = 0; i < update.evaluation.length; i++) sum[sections.contribution + i] += update.evaluation[i];
    sum[sum.length - 1] += update.weight;
    lossSum += update.loss;
    if (update.clipped) clipped++;
  }
  return { lossSum, clipped };
}

/** One device's update, trained on what a round of any plan trains it on. */
async function updateOf(version: number, { round, clipNorm }: RoundDescriptorFields, user: number) {
  return trainForRound({
    bound: asContributed(await bind(version), user),
    layoutSizes: { items: itemCount, contribution: sections.contribution },
    history: { items: historyOf(split.train, user) },
    plan: { ...plan, clipNorm },
    random: streamOf(seed, 'training', round, userCount, user),
  });
}

/** Sums the integers of the chunk's users, modulo 2^32, in the task's place. */
export async function encode({ version, users, place, descriptor }: EncodeTask): Promise<TrainOutcome> {
  const whole = setting.places[place];
  const sum = new Uint32Array(whole.buffer, whole.byteOffset, whole.length);
  sum.fill(0);
  const hash = hexToBytes(roundHash(descriptor));
  let lossSum = 0;
  let clipped = 0;
  for (const user of users) {
    const update = await updateOf(version, descriptor, user);
    let at = 0;
    for (const section of encodeForSum(update, descriptor, hash, roundingOf(hash, user))) {
      for (let i = 0; i < section.length; i++) sum[at + i] += section[i];
      at += section.length;
    }
    lossSum += update.loss;
    if (update.clipped) clipped++;
  }
  return { lossSum, clipped };
}

/** One device's masked vector. */
export async function mask({ version, descriptor, user, masks }: MaskTask): Promise<MaskOutcome> {
  const update = await updateOf(version, descriptor, user);
  const hash = hexToBytes(roundHash(descriptor));
  const values = encodeForSum(update, descriptor, hash, roundingOf(hash, user));
  const shape = sectionEncodings(descriptor).map(({ length, bits }) => ({ length, bits }));
  const vector = maskVector(values, shape, masks);
  return { vector, lossSum: update.loss, clipped: Number(update.clipped) };
}

/** The same coins for the same device in the same round, masked or not. */
function roundingOf(hash: Uint8Array, user: number): SecureRandom {
  return keystreamRandom(sha256(frame('tributary/simulation/rounding', u32le(seed), hash, u32le(user))));
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

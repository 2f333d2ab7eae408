/**
 * Membership by loss threshold, from the last model: of people, half of whom were left out by fair coins, and of single interactions,
 * one of each person, in or out by a coin. Members and others are of one distribution, so that nothing but training tells them apart.
 */
import { historyOf, type Interactions, seededRandom } from '@tributary/model';
import { recommenderSpecificationOf } from '@tributary/protocol';
import { buildRecommender } from '../../engine/build-recommender.ts';
import type { SimulationResult } from '../../engine/result.ts';
import { AttackError } from '../attack-error.ts';
import { interactionsOf, tossCoins, withMembers } from '../canaries.ts';
import type { AttackResult } from '../finding.ts';
import { aroundMedian } from '../guesses.ts';
import { lossOfInteraction, lossOfUser, type ReadModel } from '../membership-loss.ts';
import { auditAgainst, resultOfViews, type ScoredView } from './scored-view.ts';
import {
  type AttackSetting,
  claimOf,
  lossStream,
  peopleWithData,
  runOnce,
  withCoins,
  withEverybody,
} from './setting.ts';

/** Fewest interactions of whoever is a candidate: two halves that say something, or one interaction and a rest. */
const leastInteractions = 4;

/** @throws SimulationError; AttackError where hardly anybody has enough interactions */
export async function runMembership(setting: AttackSetting): Promise<AttackResult> {
  const { train } = setting.split;
  const users = Array.from({ length: train.userCount }, (_, user) => user).filter(
    (user) => historyOf(train, user).length >= leastInteractions,
  );
  if (users.length < 2) {
    throw new AttackError(`${users.length} people have ${leastInteractions} interactions; expected two at least.`);
  }
  return resultOfViews([await ofPeople(setting, users), await ofInteractions(setting, users)]);
}

async function ofPeople(setting: AttackSetting, users: readonly number[]): Promise<ScoredView> {
  const { task, dataset, split, seed } = setting;
  const coins = tossCoins(users.length, seededRandom(seed, 3));
  const halved = withMembers(split, users, coins);
  const others = peopleWithData(split) - users.length;
  const run = await runOnce(setting, {
    ...{ dataset, seed },
    task: withCoins(task, others, users.length),
    split: halved,
  });
  const model = await modelOf(setting, run.parameters);
  const losses = users.map((user) =>
    lossOfUser(model, historyOf(split.train, user), seededRandom(seed, lossStream + user)),
  );
  return viewOf('last model, people', losses, coins, run);
}

async function ofInteractions(setting: AttackSetting, users: readonly number[]): Promise<ScoredView> {
  const { task, dataset, split, seed } = setting;
  const random = seededRandom(seed, 4);
  const coins = tossCoins(users.length, random);
  const attacked = users.map((user) => {
    const history = historyOf(split.train, user);
    // Never the latest, which a device may hold out for its own evaluation.
    const at = random.below(history.length - 1);
    return { user, item: history[at], rest: history.filter((_, place) => place !== at) };
  });
  const rests = new Map(attacked.flatMap(({ user, rest }, index) => (coins[index] ? [] : [[user, rest] as const])));
  const people = peopleWithData(split);
  const run = await runOnce(setting, {
    ...{ dataset, seed },
    task: withEverybody(task, people, people),
    split: { ...split, train: withHistories(split.train, rests) },
  });
  const model = await modelOf(setting, run.parameters);
  const losses = attacked.map(({ user, item, rest }) =>
    lossOfInteraction(model, rest, item, seededRandom(seed, lossStream + user)),
  );
  return viewOf('last model, interactions', losses, coins, run);
}

/** A claim about people holds for each of their interactions. */
function viewOf(
  view: string,
  losses: readonly number[],
  coins: readonly boolean[],
  { privacy }: SimulationResult,
): ScoredView {
  const claim = claimOf(privacy.claims, 'readers');
  const scores = aroundMedian(losses.map((loss) => -loss));
  const candidates = scores.map((score, index) => ({ score, member: coins[index] }));
  return { attack: 'membership', view, candidates, claim, audit: auditAgainst(claim, candidates) };
}

function withHistories(train: Interactions, changed: ReadonlyMap<number, Uint32Array>): Interactions {
  const histories = Array.from({ length: train.userCount }, (_, user) => changed.get(user) ?? historyOf(train, user));
  return interactionsOf(histories, train.itemCount);
}

async function modelOf({ task, split }: AttackSetting, parameters: Float32Array): Promise<ReadModel> {
  const { itemCount } = split.train;
  const recommender = await buildRecommender(recommenderSpecificationOf(task, itemCount));
  return { bound: recommender.bind(parameters), kind: task.model.kind, itemCount };
}

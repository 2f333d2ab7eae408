/**
 * The likelihood-ratio attack on planted people: each has items drawn at random, as nobody does, and is in every model by a fair coin.
 * Each model is attacked in turn, with all others as its shadows; epsilon is bounded by the first alone, whose coins the shadows do not
 * tell.
 */
import { seededRandom, shuffle } from '@tributary/model';
import { recommenderSpecificationOf } from '@tributary/protocol';
import { buildRecommender } from '../../engine/build-recommender.ts';
import { AttackError } from '../attack-error.ts';
import { plantPeople, tossCoins, withMembers } from '../canaries.ts';
import type { AttackResult } from '../finding.ts';
import { likelihoodRatios, type Shadow } from '../likelihood-ratio.ts';
import { lossOfUser } from '../membership-loss.ts';
import { areaUnder, rocCurve, type Scored } from '../roc.ts';
import { auditAgainst, resultOfViews } from './scored-view.ts';
import { type AttackSetting, claimOf, lossStream, peopleWithData, runOnce, withCoins } from './setting.ts';

export interface LikelihoodRatioOptions {
  /** Models trained, each of which is attacked with the others as shadows; >= 3. Default 16. */
  readonly models?: number;
  /** Planted people; >= 1. Default 50. */
  readonly targets?: number;
  /** Items of each; >= 2. Default 20, or half of the catalogue where that is less. */
  readonly itemsEach?: number;
}

/** @throws SimulationError, AttackError where the task cannot be run on the data with the targets in it */
export async function runLikelihoodRatio(
  setting: AttackSetting,
  { models = 16, targets = 50, ...options }: LikelihoodRatioOptions = {},
): Promise<AttackResult> {
  const { task, seed } = setting;
  const { itemCount, userCount } = setting.split.train;
  const itemsEach = options.itemsEach ?? Math.min(20, Math.floor(itemCount / 2));
  if (models < 3 || targets < 1 || itemsEach < 2 || itemsEach > itemCount) {
    throw new AttackError(
      `${models} models, ${targets} targets of ${itemsEach} items; expected 3 models, one target of two items at least, and no more items than the catalogue's ${itemCount}.`,
    );
  }
  const draws = seededRandom(seed, 5);
  const histories = Array.from({ length: targets }, () =>
    shuffle(
      Uint32Array.from({ length: itemCount }, (_, item) => item),
      draws,
    ).slice(0, itemsEach),
  );
  const { dataset, split } = plantPeople(setting.dataset, setting.split, histories, 'target');
  const users = histories.map((_, index) => userCount + index);
  const recommender = await buildRecommender(recommenderSpecificationOf(task, itemCount));

  const others = peopleWithData(setting.split);
  const shadows: Shadow[] = [];
  let claim: ReturnType<typeof claimOf> = null;
  for (let index = 0; index < models; index++) {
    const members = tossCoins(targets, seededRandom(seed, 6 + index));
    const drawn = withMembers(split, users, members);
    const run = await runOnce(setting, {
      ...{ task: withCoins(task, others, targets), dataset, split: drawn },
      seed: (seed + index) % 2 ** 32,
    });
    const model = { bound: recommender.bind(run.parameters), kind: task.model.kind, itemCount };
    const scores = histories.map(
      (history, target) => -lossOfUser(model, history, seededRandom(seed, lossStream + target)),
    );
    shadows.push({ scores, members });
    // Of the model whose guesses are counted.
    if (index === 0) claim = claimOf(run.privacy.claims, 'readers');
  }

  const attacked = (scoresOf: (model: Shadow, others: readonly Shadow[]) => readonly number[]) =>
    shadows.map((model): readonly Scored[] => {
      const others = shadows.filter((shadow) => shadow !== model);
      return scoresOf(model, others).map((score, target) => ({ score, member: model.members[target] }));
    });
  const byRatio = attacked(({ scores }, others) => likelihoodRatios(scores, others));
  const byLoss = attacked(({ scores }) => scores);
  const figures = [
    { name: 'AUC of the loss alone', value: areaUnder(rocCurve(byLoss.flat())) },
    { name: 'models', value: models },
  ];
  const audit = auditAgainst(claim, byRatio[0]);
  return resultOfViews([
    { attack: 'likelihood-ratio', view: 'last model', candidates: byRatio.flat(), claim, audit, figures },
  ]);
}

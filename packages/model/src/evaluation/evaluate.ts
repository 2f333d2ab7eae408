/** Ranking quality of anything that scores items, under both rankings of the evaluation protocol. */
import { historyOf, type Split, type SplitPurpose } from '../data/dataset.ts';
import { EvaluationError } from './error.ts';
import { bestUnseen, hasNaN, rankAmong, rankAmongUnseen, type TieHandling } from './ranking.ts';
import { addRank, emptyQuality, listLength, type QualitySums } from './sums.ts';

export interface RankingEvaluation {
  /** Scores of all items for a user [items], higher is better. The array may be reused between calls. */
  readonly scoresOf: (user: number) => Float32Array;
  readonly split: Split;
  /** Which held-out item to rank. */
  readonly on: SplitPurpose;
  /** First user, 0 by default. */
  readonly from?: number;
  /** One past the last user, all by default. */
  readonly to?: number;
  /** 'against-model' by default: the held-out item comes last among equals, so a constant scorer gets what it deserves. */
  readonly ties?: TieHandling;
}

/**
 * Ranks each user's held-out item twice. *Sampled*: among the split's negatives, less the held-out item's own repeat. *Full*:
 * among all items that the user has not seen, where seen is the training history and, on the test item, the validation item.
 * Users without a held-out item are passed over.
 *
 * @returns sums to merge (`mergeQuality`) and finish (`finishQuality`)
 * @throws EvaluationError for NaN scores, scores of the wrong length, or a split whose training data hold the answer
 */
export function evaluateRanking(evaluation: RankingEvaluation): QualitySums {
  const { scoresOf, split, on, ties = 'against-model' } = evaluation;
  const { train, negativesPerUser } = split;
  if (on === 'validation' && split.purpose !== 'validation') {
    throw new EvaluationError(
      'the validation item is part of the training data of a split for testing; make the split with purpose "validation"',
    );
  }
  const heldOut = on === 'test' ? split.test : split.validation;
  const negatives = on === 'test' ? split.testNegatives : split.validationNegatives;
  const from = evaluation.from ?? 0;
  const to = Math.min(evaluation.to ?? train.userCount, train.userCount);

  const sums = emptyQuality(train.itemCount);
  const isSeen = new Uint8Array(train.itemCount);
  const withValidation = new Uint32Array(train.itemCount);
  const top = new Uint32Array(Math.min(listLength, train.itemCount));
  const topScores = new Float32Array(top.length);

  for (let user = from; user < to; user++) {
    const item = heldOut[user];
    if (item < 0) continue;
    const scores = scoresOf(user);
    if (scores.length !== train.itemCount) {
      throw new EvaluationError(`${scores.length} scores; expected one for each of the ${train.itemCount} items`);
    }
    if (hasNaN(scores)) {
      throw new EvaluationError(`scores of user ${user} hold NaN; expected numbers. The model has probably diverged`);
    }

    let seen = historyOf(train, user);
    if (on === 'test' && split.purpose === 'validation' && split.validation[user] >= 0) {
      withValidation.set(seen);
      withValidation[seen.length] = split.validation[user];
      seen = withValidation.subarray(0, seen.length + 1);
    }
    const own = negatives.subarray(user * negativesPerUser, (user + 1) * negativesPerUser);
    addRank(sums.sampled, rankAmong(scores, item, own, ties));
    addRank(sums.full, rankAmongUnseen(scores, item, seen, ties));

    for (let i = 0; i < seen.length; i++) isSeen[seen[i]] = 1;
    const count = bestUnseen(scores, isSeen, top, topScores);
    for (let i = 0; i < count; i++) sums.exposure[top[i]]++;
    for (let i = 0; i < seen.length; i++) isSeen[seen[i]] = 0;
    sums.users++;
  }
  return sums;
}

/**
 * One device's part of one round, without any network: evaluate the downloaded model on the held-out interaction, train on the
 * rest, weight, clip. The same code runs on devices and in the simulator.
 */

import type { TrainingRandom } from '@tributary/model';
import {
  type BoundRecommender,
  contributionNorm,
  groupNorms,
  type History,
  type LocalContribution,
  scaleGroups,
} from '@tributary/model';
import { clipFactor } from '@tributary/privacy';
import { contributionClipNorm, evaluationUnit, type RoundDescriptor } from '@tributary/protocol';
import { TrainingError } from './error.ts';
import { evaluationSection, rankHeldOut } from './federated-evaluation.ts';
import { holdOutLatest } from './hold-out.ts';

/** What the round asks of a device. */
export interface LocalPlan {
  /** L2 bound of contribution and evaluation together; null for none. */
  readonly clipNorm: number | null;
  /** Scale of the evaluation section as a share of the clip norm; without a clip norm metrics are sent as they are. */
  readonly evaluationScale: number;
  readonly weighting: RoundDescriptor['weighting'];
  readonly evaluation: { readonly federated: boolean; readonly negatives: number };
}

export interface LocalUpdate {
  /** In compact form, before weight and clip; where groups are clipped alone, after that. */
  readonly contribution: LocalContribution;
  /** Weight times clip: what `contribution` is multiplied by on its way into the sum. In [0, 1]. */
  readonly factor: number;
  /** [evaluationMetrics.length], scaled; empty when the plan asks for no evaluation. */
  readonly evaluation: Float32Array;
  /** In (0, 1]. */
  readonly weight: number;
  /** Whether the clip shortened it, or a group of it. */
  readonly clipped: boolean;
  /** Distinct interactions trained on. */
  readonly examples: number;
  /** Mean training loss. */
  readonly loss: number;
}

/** In (0, 1]: 1 for `uniform`, min(examples, cap) / cap for `examples`. */
export function contributionWeight(weighting: RoundDescriptor['weighting'], examples: number): number {
  return weighting.kind === 'uniform' ? 1 : Math.min(examples, weighting.cap) / weighting.cap;
}

/**
 * Deterministic in its arguments.
 *
 * @param layoutSizes `items`: items of the catalogue; `contribution`: elements of a dense contribution
 * @throws TrainingError 'no-data' for an empty history or one outside the catalogue; 'diverged' when training or the downloaded
 * model gives anything but finite numbers
 */
export function trainForRound(round: {
  readonly bound: BoundRecommender;
  readonly layoutSizes: { readonly items: number; readonly contribution: number };
  readonly history: History;
  readonly plan: LocalPlan;
  readonly random: TrainingRandom;
}): LocalUpdate {
  const { bound, layoutSizes, history, plan, random } = round;
  checkHistory(history, layoutSizes.items);
  const { train, latest } = holdOutLatest(history, plan.evaluation.federated);

  const quality =
    latest === null
      ? null
      : rankHeldOut(
          bound.score(bound.fitPrivateState(train, random)),
          latest,
          train.items,
          plan.evaluation.negatives,
          random,
        );

  const { contribution, examples, loss } = bound.train(train, random);
  if (contribution.size !== layoutSizes.contribution) {
    throw new TrainingError(
      'wrong-sections',
      `The recommender contributes ${contribution.size} elements; the round expects ${layoutSizes.contribution}.`,
    );
  }
  const norm = contributionNorm(contribution);
  if (!Number.isFinite(norm) || !Number.isFinite(loss)) {
    throw new TrainingError(
      'diverged',
      'Local training gave numbers that are not finite; nothing is sent. A smaller learning rate or more regularisation in the task may help.',
    );
  }
  const weight = contributionWeight(plan.weighting, examples);
  const clip = clipped(contribution, weight, plan);
  const evaluation = plan.evaluation.federated
    ? evaluationSection(quality, loss, evaluationUnit(plan.clipNorm, plan.evaluationScale))
    : new Float32Array(0);
  return { ...clip, factor: weight * clip.factor, evaluation, weight, examples, loss };
}

/** Groups that have bounds of their own are brought within them first; then the whole within the clip norm. */
function clipped(
  contribution: LocalContribution,
  weight: number,
  { clipNorm, evaluationScale, evaluation }: LocalPlan,
): Pick<LocalUpdate, 'contribution' | 'factor' | 'clipped'> {
  if (clipNorm === null) return { contribution, factor: 1, clipped: false };
  const bound = contributionClipNorm(clipNorm, evaluationScale, evaluation.federated);
  const { groupShares } = contribution;
  if (groupShares === undefined) {
    const factor = clipFactor(weight * contributionNorm(contribution), bound);
    return { contribution, factor, clipped: factor < 1 };
  }
  const factors = new Map(
    Array.from(groupNorms(contribution), ([group, norm]) => [
      group,
      clipFactor(weight * norm, (groupShares[group] ?? 0) * bound),
    ]),
  );
  const within = scaleGroups(contribution, factors);
  // But for rounding the shares leave nothing to clip.
  const factor = clipFactor(weight * contributionNorm(within), bound);
  return { contribution: within, factor, clipped: [...factors.values()].some((one) => one < 1) };
}

function checkHistory({ items }: History, itemCount: number): void {
  if (items.length === 0) throw new TrainingError('no-data', 'There is no interaction to train on.');
  for (let i = 0; i < items.length; i++) {
    if (items[i] >= itemCount) {
      throw new TrainingError(
        'no-data',
        `The history names an item outside the catalogue of ${itemCount}; the model and the history do not belong together.`,
      );
    }
  }
}

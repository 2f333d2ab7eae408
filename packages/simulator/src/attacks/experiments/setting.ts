/** What every experiment is told, and the run of the simulator that each of them looks at. */
import type { PrivacyClaim } from '@tributary/coordinator/release';
import type { Dataset, Split } from '@tributary/model';
import { minimumSecureCohort, noisePlanOf, type TaskDocument } from '@tributary/protocol';
import type { Dishonesty, SimulatedRelease } from '../../engine/options.ts';
import type { SimulationResult } from '../../engine/result.ts';
import { simulate } from '../../engine/simulate.ts';
import { AttackError } from '../attack-error.ts';
import type { Finding } from '../finding.ts';

export interface AttackSetting {
  readonly task: TaskDocument;
  readonly dataset: Dataset;
  readonly split: Split;
  /** Of coins, canaries, models and noise; integer in [0, 2^32). */
  readonly seed: number;
  /** Worker threads, >= 1. */
  readonly workers: number;
  /** Called with each simulation that ends: how many of how many. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** What distinguishes one run from the setting. */
export interface RunChange {
  readonly task: TaskDocument;
  readonly dataset: Dataset;
  readonly split: Split;
  readonly seed: number;
  readonly dishonest?: ReadonlyMap<number, Dishonesty>;
  readonly onRelease?: (release: SimulatedRelease) => void;
}

/**
 * Masks are left out: the integers under them are summed as they are, which gives the same models and sums.
 * @throws AttackError where no round was released
 */
export async function runOnce({ workers, signal }: AttackSetting, run: RunChange): Promise<SimulationResult> {
  const result = await simulate({
    ...run,
    workers,
    cryptography: false,
    centralTwin: false,
    evaluateEvery: 0,
    ...(signal && { signal }),
  });
  if (result.rounds.every(({ outcome }) => outcome !== 'closed')) {
    throw new AttackError(
      `No round was released, so there is nothing to attack: ${result.stopped ?? 'all were abandoned'}.`,
    );
  }
  return result;
}

/** Who can take part at all. */
export function peopleWithData({ train: { userCount, offsets } }: Pick<Split, 'train'>): number {
  return Array.from({ length: userCount }, (_, user) => user).filter((user) => offsets[user + 1] > offsets[user])
    .length;
}

/** What a reader of the models is promised. A sum with its noise is promised the same, since the models follow from it. */
export function claimOf(claims: readonly PrivacyClaim[], against: PrivacyClaim['against']): Finding['claim'] {
  const claim = claims.find((candidate) => candidate.against === against);
  if (!claim || claim.epsilon === null || claim.delta === null) return null;
  return { epsilon: claim.epsilon, delta: claim.delta };
}

/**
 * The task with everybody in every round, which is what it charges for: of a cohort drawn from more people, a person who is out makes
 * room for another. A plan that claims a draw, or lets each person into one round of a tree, is left with its cohorts.
 *
 * @param least people there will be
 * @param most that there can be
 * @param population of a draw of a fixed number
 */
export function withEverybody(task: TaskDocument, least: number, most: number, population = most): TaskDocument {
  const { cohort, privacy } = task;
  const floor = privacy.plan === 'secure' ? minimumSecureCohort : 1;
  const { noise } = privacy;
  if (noise && (noise.sampling.claim !== 'none' || noisePlanOf(task)?.mechanism === 'tree')) {
    const drawn = { ...task, cohort: { ...cohort, target: Math.min(cohort.target, most), minimum: floor } };
    const { sampling } = noise;
    if (sampling.claim !== 'fixed-size') return drawn;
    return { ...drawn, privacy: { ...privacy, noise: { ...noise, sampling: { ...sampling, population } } } };
  }
  const minimum = Math.max(floor, least);
  return { ...task, cohort: { ...cohort, target: Math.max(minimum, most), minimum, overSelection: 1 } };
}

/** Streams of the private fits that losses are of, apart from those of coins. */
export const lossStream = 2 ** 24;

/**
 * Everybody in every round; of a fixed population, as many as there are. How many candidates are in is told by nothing: the cohort is
 * set for a number within five standard deviations of the mean of their coins.
 *
 * @param others people who are in whatever the coins say
 * @param coins candidates
 */
export function withCoins(
  task: TaskDocument,
  others: number,
  coins: number,
  population = others + coins,
): TaskDocument {
  const slack = Math.ceil(2.5 * Math.sqrt(coins));
  const [least, most] = [Math.max(0, Math.floor(coins / 2) - slack), Math.min(coins, Math.ceil(coins / 2) + slack)];
  return withEverybody(task, others + least, others + most, population);
}

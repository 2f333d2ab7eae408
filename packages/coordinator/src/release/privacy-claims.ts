/** What a task's noise promises, in two lines: against who reads the models, and against the coordinator. */
import { noisePlanOf, type TaskDocument } from '@tributary/protocol';

export interface PrivacyClaim {
  /** Against whom. */
  readonly against: 'readers' | 'coordinator';
  /** Null: nothing is claimed. */
  readonly epsilon: number | null;
  readonly delta: number | null;
  /** Under which it holds, or why there is none; a sentence or two. */
  readonly assumption: string;
}

type Spend = { readonly epsilon: number; readonly delta: number };

/**
 * @param spend of the population; null where the task adds no noise
 * @param noises of honest devices that are counted on in every sum; only where devices add noise
 * @param others tasks on the same population: what is spent on them is in its epsilon, on their assumptions
 */
export function claimsOf(
  task: TaskDocument,
  spend: Spend | null,
  noises: number | null,
  others: readonly TaskDocument[] = [],
): readonly [PrivacyClaim, PrivacyClaim] {
  const { cohort, privacy } = task;
  const plan = noisePlanOf(task);
  const seen =
    privacy.plan === 'secure'
      ? `It sees exact sums of at least ${cohort.minimum} contributions, never a single one.`
      : 'It sees single contributions.';
  const nothing = { epsilon: null, delta: null };
  if (!spend || !plan) {
    return [
      { against: 'readers', ...nothing, assumption: 'No noise is added.' },
      { against: 'coordinator', ...nothing, assumption: seen },
    ];
  }
  const { epsilon, delta } = spend;
  const readers: PrivacyClaim = { against: 'readers', epsilon, delta, assumption: jointAssumption([task, ...others]) };
  if (plan.placement === 'central') return [readers, { against: 'coordinator', ...nothing, assumption: seen }];
  const shared =
    plan.placement === 'local'
      ? 'Each device adds all of the noise: nothing is assumed of others.'
      : `Each device adds its share of the noise under the mask: every sum that can be opened has those of at least ${noises} honest devices, whatever the coordinator does.`;
  const { participations } = privacy.noise ?? {};
  const counted =
    participations === undefined ? '' : ` Each device takes part in ${participations} rounds at most, whoever asks it.`;
  const assumption = `User-level, add or remove one person. ${shared}${counted} The coordinator sees who takes part, so nothing is gained by sampling.`;
  return [readers, { against: 'coordinator', epsilon, delta, assumption }];
}

/** Each assumption once. */
function jointAssumption(tasks: readonly TaskDocument[]): string {
  const [own, ...more] = new Set(tasks.filter(({ privacy }) => privacy.noise).map(readersAssumption));
  return [own, ...more.map((assumption) => `And for other tasks on the same people: ${assumption}`)].join(' ');
}

function readersAssumption(task: TaskDocument): string {
  const { sampling } = task.privacy.noise ?? { sampling: { claim: 'none' } as const };
  const person = 'User-level, add or remove one person;';
  if (noisePlanOf(task)?.mechanism === 'tree') {
    return `${person} no sampling is assumed: everybody is in one round of each tree at most, as the coordinator and the devices' own records keep it.`;
  }
  if (sampling.claim === 'poisson') {
    return `${person} everybody takes part in a round by a coin of probability ${sampling.rate}, unseen by the reader.`;
  }
  if (sampling.claim === 'fixed-size') {
    return `User-level, one person in another's place; each cohort of ${task.cohort.target} is drawn uniformly from ${sampling.population} people, unseen by the reader.`;
  }
  const { participations } = task.privacy.noise ?? {};
  if (participations !== undefined) {
    return `${person} no sampling is assumed: everybody takes part in ${participations} rounds of the task at most, as each device counts by itself.`;
  }
  return `${person} no sampling is assumed: everybody is charged for every round as if present.`;
}

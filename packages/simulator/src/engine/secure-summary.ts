/** What a run's secure rounds can be, and were like. */
import { SecurePlanError, securePlanOf } from '@tributary/coordinator/round';
import { graphOf } from '@tributary/privacy';
import type { RoundDescriptor, TaskDocument } from '@tributary/protocol';
import { SimulationError } from './options.ts';
import type { PrivacySpend, RoundRecord } from './result.ts';

/** Before anything is trained. @throws SimulationError where no secure round can be run under the task, with the arithmetic */
export function checkSecurePlan(task: TaskDocument, sections: RoundDescriptor['sections']): void {
  if (task.privacy.plan !== 'secure') return;
  try {
    securePlanOf(task, sections);
  } catch (error) {
    if (error instanceof SecurePlanError) throw new SimulationError(error.message, { cause: error });
    throw error;
  }
}

/** Under the plan `sealed` no more than what a secure one would be set by. */
export function secureSummary(
  task: TaskDocument,
  sections: RoundDescriptor['sections'],
  cryptography: boolean,
  rounds: readonly RoundRecord[],
): Partial<PrivacySpend> {
  const alignments = rounds.flatMap((round) => round.alignment ?? []);
  const alignment = alignments.length > 0 ? { alignment: Math.max(...alignments) } : {};
  if (task.privacy.plan !== 'secure') return alignment;
  const closed = rounds.filter(({ secure }) => secure !== null);
  const plan = securePlanOf(task, sections);
  const last = closed.at(-1)?.secure;
  const cohort = last?.roster ?? task.cohort.target;
  const { neighbours, threshold } = last ?? graphAt(plan, cohort);
  return {
    cryptography,
    cohort,
    neighbours,
    threshold,
    bits: plan.bits,
    scale: plan.scale,
    fill: Math.max(0, ...closed.map(({ secure }) => secure?.fill ?? 0)),
    ...alignment,
  };
}

function graphAt(plan: ReturnType<typeof securePlanOf>, roster: number) {
  const { degree, threshold } = graphOf(plan, roster);
  return { neighbours: degree, threshold };
}

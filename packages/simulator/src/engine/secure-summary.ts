/** What a run's secure rounds were like. */
import { securePlanOf } from '@tributary/coordinator/round';
import { graphOf } from '@tributary/privacy';
import type { RoundDescriptor, TaskDocument } from '@tributary/protocol';
import type { PrivacySpend, RoundRecord } from './result.ts';

/** Nothing under the plan `sealed`. */
export function secureSummary(
  task: TaskDocument,
  sections: RoundDescriptor['sections'],
  cryptography: boolean,
  rounds: readonly RoundRecord[],
): Partial<PrivacySpend> {
  if (task.privacy.plan !== 'secure') return {};
  const closed = rounds.filter(({ secure }) => secure !== null);
  const largest = (of: 'fill' | 'alignment') => Math.max(0, ...closed.map(({ secure }) => secure?.[of] ?? 0));
  const plan = securePlanOf(task, sections);
  const cohort = closed.at(-1)?.invited ?? task.cohort.target;
  const { degree: neighbours, threshold } = graphOf(plan, cohort);
  return {
    cryptography,
    cohort,
    neighbours,
    threshold,
    bits: plan.bits,
    fill: largest('fill'),
    alignment: largest('alignment'),
  };
}

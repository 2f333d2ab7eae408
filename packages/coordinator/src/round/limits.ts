/** What a task's document asks of each of its rounds. */
import type { TaskDocument } from '@tributary/protocol';
import type { RoundLimits, WaitingPhase } from './state.ts';

export function limitsOf({ cohort, privacy }: Pick<TaskDocument, 'cohort' | 'privacy'>): RoundLimits {
  const { target, minimum, overSelection } = cohort;
  return { plan: privacy.plan, target, minimum, invitations: Math.max(target, Math.ceil(target * overSelection)) };
}

/** Longest that a phase lasts. */
export function secondsOf(phase: WaitingPhase, cohort: TaskDocument['cohort']): number {
  if (phase === 'selecting') return cohort.selectionSeconds;
  return phase === 'collecting' ? cohort.collectionSeconds : cohort.phaseSeconds;
}

/** Before the next round: each one abandoned doubles it, up to a minute, so that a task which cannot succeed does not spin. */
export function pauseSecondsAfter(abandonedInARow: number, { pauseSeconds }: TaskDocument['cohort']): number {
  return Math.max(pauseSeconds, abandonedInARow === 0 ? 0 : Math.min(60, 0.25 * 2 ** abandonedInARow));
}

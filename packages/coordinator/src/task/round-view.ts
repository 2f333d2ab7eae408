/** The open round, as a user interface shows it. */
import type { TaskDocument } from '@tributary/protocol';
import type { ActiveRound } from './active-round.ts';
import type { RoundView } from './task.ts';

export function roundViewOf(
  { state, record, aggregation }: ActiveRound,
  task: {
    readonly document: TaskDocument;
    readonly connected: number;
    readonly available: number;
    readonly closedRounds: number;
  },
): RoundView {
  const { document, connected, available, closedRounds } = task;
  const { cohort } = document;
  return {
    task: document.task,
    round: state.round,
    phase: state.phase,
    plan: state.limits.plan,
    secure: aggregation?.secure?.view() ?? null,
    connected,
    available,
    invited: state.devices.size,
    uploaded: state.uploaded,
    target: cohort.target,
    minimum: cohort.minimum,
    closedRounds,
    rounds: document.rounds,
    bytesReceived: aggregation?.uploads.bytesReceived ?? record.bytesReceived,
    reason: state.reason ?? '',
    metrics: record.metrics,
  };
}

/** Follows a task's rounds in its store until it is done, and shows them. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { RoundRecord, Store } from '@tributary/coordinator';
import { CommandError } from '../exit/command-error.ts';
import type { Output } from '../output/output.ts';

const pollMilliseconds = 100;
/** Abandoned rounds in a row after which waiting on makes no sense. */
const patience = 5;

/** What the devices say of the model before a round, from the round's sum alone. */
export function ownQuality({ metrics }: RoundRecord): number | null {
  return metrics?.fullNdcg10 ?? null;
}

/**
 * Resolves with all ended rounds, oldest first, when the task has closed `rounds` of them.
 * @throws CommandError `unfinished` when the task stops before, or when one round after the other is abandoned
 */
export async function watchRounds(
  store: Store,
  task: string,
  rounds: number,
  output: Output,
  signal: AbortSignal,
): Promise<readonly RoundRecord[]> {
  const progress = output.progress('rounds', rounds);
  try {
    for (;;) {
      const [record, latest] = await Promise.all([store.task(task), store.rounds(task, patience)]);
      const ended = latest.filter(({ outcome }) => outcome !== 'open');
      const closed = record?.closedRounds ?? 0;
      progress.update(closed, describe(latest));
      if (closed >= rounds) break;
      if (ended.length === patience && ended.every(({ outcome }) => outcome === 'abandoned')) {
        throw new CommandError('unfinished', `The last ${patience} rounds were abandoned: ${ended[0].reason}`);
      }
      if (record && record.status !== 'running') {
        throw new CommandError('unfinished', `The task is ${record.status} after ${closed} rounds: ${record.reason}`);
      }
      await sleep(pollMilliseconds, undefined, { signal });
    }
  } finally {
    progress.stop();
  }
  return (await store.rounds(task, rounds * (patience + 1))).toReversed();
}

/** The newest round that ended, in a few words. */
function describe(latest: readonly RoundRecord[]): string {
  const ended = latest.find(({ outcome }) => outcome !== 'open');
  if (!ended) return 'waiting for devices';
  const quality = ownQuality(ended);
  const own = quality === null ? '' : `, devices' own full NDCG@10 ${quality.toFixed(3)}`;
  return `round ${ended.round} ${ended.outcome}, ${ended.contributions} of ${ended.invited} contributions${own}`;
}

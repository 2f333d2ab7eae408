/** What a crash left behind is put right before anything new begins. */
import type { Identity } from '@tributary/privacy';
import { ledgerOf } from './ledger/population-ledger.ts';
import type { Store } from './store/store.ts';

/**
 * Abandons rounds that were open, and charges that were not released: the charge stays, somebody may have seen the sum. A
 * version is written in one transaction with its `released` entry, so none is ever half published. A task that a failure paused
 * runs again: whoever starts a coordinator has looked at what its log said.
 * @returns how many rounds were abandoned
 */
export async function recover(store: Store, identity: Identity, now: () => number): Promise<number> {
  const reason = 'the coordinator stopped while the round was open';
  const open = await store.openRounds();
  for (const round of open) await store.endRound({ ...round, outcome: 'abandoned', reason, endedAt: now() });
  const populations = new Set<string>();
  for (const task of await store.tasks()) {
    if (['running', 'paused'].includes(task.status) && task.closedRounds >= task.document.rounds) {
      // The last round was published; the crash came before the task was marked as done.
      await store.setTaskStatus(task.id, 'completed', allRoundsDone(task.document.rounds));
    } else if (task.status === 'paused') await store.setTaskStatus(task.id, 'running', '');
    const { population } = task.document;
    if (populations.has(population)) continue;
    const ledger = await ledgerOf(store.ledger, identity, task.document, now);
    if (!ledger) continue;
    populations.add(population);
    for (const subject of await ledger.openCharges()) await ledger.abandoned(subject, reason);
  }
  return open.length;
}

export function allRoundsDone(rounds: number): string {
  return `all ${rounds} rounds are done`;
}

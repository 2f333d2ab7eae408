/** What a crash left behind is put right before anything new begins. */
import type { Identity } from '@tributary/privacy';
import { type Ledger, openLedger } from './ledger/ledger.ts';
import type { Store, TaskRecord } from './store/store.ts';

/** The ledger of a task's population; null where the task spends nothing. */
export async function ledgerOf(
  store: Store,
  identity: Identity,
  { document }: Pick<TaskRecord, 'document'>,
  now: () => number,
): Promise<Ledger | null> {
  const { noise } = document.privacy;
  if (!noise) return null;
  return openLedger({
    port: store.ledger,
    population: document.population,
    budget: noise.budget,
    delta: noise.delta,
    signer: identity,
    now,
  });
}

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
    if (task.status === 'paused') await store.setTaskStatus(task.id, 'running', '');
    const { population } = task.document;
    if (populations.has(population)) continue;
    const ledger = await ledgerOf(store, identity, task, now);
    if (!ledger) continue;
    populations.add(population);
    for (const subject of await ledger.openCharges()) await ledger.abandoned(subject, reason);
  }
  return open.length;
}

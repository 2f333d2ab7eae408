/** The ledger that a task draws on: its population's. */
import type { Identity } from '@tributary/privacy';
import type { TaskDocument } from '@tributary/protocol';
import { type Ledger, type LedgerPort, openLedger } from './ledger.ts';

/** Null where the task adds no noise and so claims nothing. @throws LedgerError as `openLedger` */
export async function ledgerOf(
  port: LedgerPort,
  signer: Identity,
  { population, privacy }: Pick<TaskDocument, 'population' | 'privacy'>,
  now: () => number,
): Promise<Ledger | null> {
  const { noise } = privacy;
  if (!noise) return null;
  const { budget, delta, accountant, sampling } = noise;
  const relation = sampling.claim === 'fixed-size' ? 'replace' : 'add-remove';
  return openLedger({ port, population, budget, delta, accountant, relation, signer, now });
}

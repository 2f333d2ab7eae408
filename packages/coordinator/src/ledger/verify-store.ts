/** Recomputes every ledger of a store, and holds it against the models that were published. */
import { type LedgerEntry, type LedgerVerification, verifyLedger } from '@tributary/privacy';
import type { Store, VersionRecord } from '../store/store.ts';

export interface StoredLedger {
  readonly population: string;
  readonly tasks: readonly string[];
  readonly entries: number;
  readonly verification: LedgerVerification;
  /** Published versions without an entry that released them: entries are missing at the chain's end. Hashes. */
  readonly uncharged: readonly string[];
  /** Released by an entry, and not in the store: versions are missing. Hashes. */
  readonly missing: readonly string[];
}

/** One for each population of a task with noise, and each with a ledger. @throws StoreError */
export async function verifyStoredLedgers(store: Store, coordinatorKey: Uint8Array): Promise<readonly StoredLedger[]> {
  const tasks = (await store.tasks()).filter(({ document }) => document.privacy.noise !== null);
  const populations = new Set([
    ...tasks.map(({ document }) => document.population),
    ...(await store.ledgerPopulations()),
  ]);
  const ledgers: StoredLedger[] = [];
  for (const population of [...populations].sort()) {
    const entries = await store.ledger.entries(population);
    const own = tasks.filter(({ document }) => document.population === population).map(({ id }) => id);
    const versions = (await Promise.all(own.map((task) => store.versions(task)))).flat();
    ledgers.push({
      population,
      tasks: own,
      entries: entries.length,
      verification: verifyLedger(entries, coordinatorKey, population),
      ...comparedWith(versions, entries),
    });
  }
  return ledgers;
}

export function isSound({ verification, uncharged, missing }: StoredLedger): boolean {
  return verification.ok && uncharged.length === 0 && missing.length === 0;
}

/** What training made and what was released have to be the same. Imports and rollbacks release nothing new. */
function comparedWith(
  versions: readonly VersionRecord[],
  entries: readonly LedgerEntry[],
): Pick<StoredLedger, 'uncharged' | 'missing'> {
  const released = new Set<string>();
  for (const entry of entries) {
    // Of an entry that is none, the verification has its own to say.
    const body: Partial<LedgerEntry['body']> | null | undefined = entry?.body;
    if (body?.kind === 'released' && typeof body.published === 'string') released.add(body.published);
  }
  const trained = versions.filter(({ origin }) => origin === 'round').map(({ version }) => version.hash);
  const stored = new Set(trained);
  return {
    uncharged: trained.filter((hash) => !released.has(hash)),
    missing: [...released].filter((hash) => !stored.has(hash)),
  };
}

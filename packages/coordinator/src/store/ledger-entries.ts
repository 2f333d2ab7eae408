/** Ledger entries as rows. */
import type { LedgerEntry } from '@tributary/privacy';
import { parsed } from './parsed.ts';
import type { Database } from './schema.ts';

export async function ledgerEntries(database: Database, population: string): Promise<LedgerEntry[]> {
  const rows = await database
    .selectFrom('ledger_entry')
    .select('entry')
    .where('population', '=', population)
    .orderBy('seq')
    .execute();
  return rows.map((row) => parsed(row.entry, `An entry of the ledger of population '${population}'`) as LedgerEntry);
}

export async function ledgerPopulations(database: Database): Promise<string[]> {
  const rows = await database
    .selectFrom('ledger_entry')
    .select('population')
    .distinct()
    .orderBy('population')
    .execute();
  return rows.map(({ population }) => population);
}

/** Compare-and-swap on the head: the primary key (population, seq) refuses a second writer. */
export async function appendLedgerEntry(database: Database, entry: LedgerEntry): Promise<boolean> {
  const head = await database
    .selectFrom('ledger_entry')
    .select(['seq', 'hash'])
    .where('population', '=', entry.population)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  if ((head?.hash ?? null) !== entry.previous || (head ? Number(head.seq) + 1 : 0) !== entry.seq) return false;
  await database
    .insertInto('ledger_entry')
    .values({ population: entry.population, seq: entry.seq, hash: entry.hash, entry: JSON.stringify(entry) })
    .execute();
  return true;
}

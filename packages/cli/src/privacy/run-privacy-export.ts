/** Writes a population's ledger for an auditor. */

import { CommandError } from '../exit/command-error.ts';
import type { Output } from '../output/output.ts';
import { writeNewFile } from '../output/write-new-file.ts';
import { withStore } from '../store/open-existing.ts';
import { ledgerFileText } from './ledger-file.ts';

/** @throws CommandError `input` for a population without a ledger, `usage` where the file exists; StoreError */
export async function runPrivacyExport(
  file: string,
  { store: folder, population }: { readonly store: string; readonly population: string },
  output: Output,
): Promise<void> {
  const entries = await withStore(folder, async (store) => {
    const known = await store.ledgerPopulations();
    if (!known.includes(population)) {
      throw new CommandError('input', `The store has no ledger of a population '${population}'.`, {
        advice: known.length > 0 ? `It has those of: ${known.join(', ')}.` : 'No task of this store adds noise.',
      });
    }
    return store.ledger.entries(population);
  });
  await writeNewFile(file, new TextEncoder().encode(ledgerFileText(entries)));
  output.result(`wrote ${file}, ${entries.length} entries`);
  output.data({ file, population, entries: entries.length, head: entries.at(-1)?.hash ?? null });
}

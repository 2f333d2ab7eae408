/** An exported ledger: one entry a line, as JSON. */
import { readFile, stat } from 'node:fs/promises';
import type { LedgerEntry } from '@tributary/privacy';
import { CommandError } from '../exit/command-error.ts';

/** About a kilobyte an entry: a quarter of a million of them. A string holds no more than twice as much. */
const maximumBytes = 2 ** 28;

export function ledgerFileText(entries: readonly LedgerEntry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}

/**
 * What the lines say, shape and all still to be verified.
 * @throws CommandError `input` for a file that is too large, or a line that is no JSON
 */
export async function readLedgerFile(file: string): Promise<readonly LedgerEntry[]> {
  const found = await stat(file);
  if (!found.isFile() || found.size > maximumBytes) {
    throw new CommandError('input', `${file} is not a file of at most ${maximumBytes} bytes.`, {
      advice: 'Expected a ledger, such as `tributary privacy export` writes.',
    });
  }
  const lines = (await readFile(file, 'utf8')).split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line, index) => {
    try {
      // Whatever it is: `verifyLedger` looks at the shape of each entry first.
      return JSON.parse(line) as LedgerEntry;
    } catch {
      throw new CommandError('input', `${file}, line ${index + 1}, is not JSON.`, {
        advice: 'Expected a ledger, such as `tributary privacy export` writes: one entry a line.',
      });
    }
  });
}

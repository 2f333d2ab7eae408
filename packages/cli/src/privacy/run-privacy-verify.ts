/** Recomputes ledgers from their entries: those of a store, or an exported one. */
import {
  existingCoordinatorIdentity,
  isSound,
  type LedgerMismatch,
  type StoredLedger,
  verifyStoredLedgers,
} from '@tributary/coordinator';
import { type LedgerEntry, type LedgerVerification, participationOf, verifyLedger } from '@tributary/privacy';
import { CommandError } from '../exit/command-error.ts';
import type { Output } from '../output/output.ts';
import { withStore } from '../store/open-existing.ts';
import { readLedgerFile } from './ledger-file.ts';

export interface VerifyOptions {
  readonly store?: string;
  readonly file?: string;
  readonly key?: Uint8Array;
}

/** @throws CommandError `store` with the first entry that is wrong, `input` for an exported one; StoreError */
export async function runPrivacyVerify({ store, file, key }: VerifyOptions, output: Output): Promise<void> {
  if ((store === undefined) === (file === undefined)) {
    throw new CommandError('usage', 'Expected either --store or --file, to know which ledger to verify.');
  }
  if (store !== undefined) return verifyStore(store, key, output);
  if (key === undefined) {
    throw new CommandError(
      'usage',
      "--file needs --key: the coordinator's public key, by which its entries are signed.",
      {
        advice: 'Take it from a device or from the coordinator, never from whoever gave you the file.',
      },
    );
  }
  await verifyFile(file as string, key, output);
}

/** By the key of the store, unless another is given: whoever edits a ledger may have exchanged that, too. */
async function verifyStore(folder: string, key: Uint8Array | undefined, output: Output): Promise<void> {
  const ledgers = await withStore(folder, async (store) => {
    const publicKey = key ?? (await existingCoordinatorIdentity(folder)).publicKey;
    return verifyStoredLedgers(store, publicKey);
  });
  if (ledgers.length === 0) output.result('No population has a ledger: no task of this store adds noise.');
  for (const ledger of ledgers) for (const line of linesOf(ledger)) output.result(line);
  const ok = ledgers.every(isSound);
  output.data({ ok, populations: ledgers });
  if (!ok)
    throw wrongLedger(
      'store',
      ledgers.filter((ledger) => !isSound(ledger)).map(({ population }) => population),
    );
}

async function verifyFile(file: string, key: Uint8Array, output: Output): Promise<void> {
  const entries = await readLedgerFile(file);
  const verification = verifyLedger(entries, key);
  const population = verification.ok ? (entries[0]?.population ?? '') : file;
  output.result(verificationLine(population, entries.length, verification));
  for (const assumption of assumptionsOf(entries)) output.note(`assumed: ${assumption}`);
  output.note('A file alone cannot tell whether entries are missing at its end: compare the last hash with the store.');
  const head = verification.ok ? (entries.at(-1)?.hash ?? null) : null;
  output.data({ ok: verification.ok, entries: entries.length, head, verification });
  if (!verification.ok) throw wrongLedger('input', [file]);
}

/** Each once: an epsilon is as true as they are, and a file has no task to hold them against. */
function assumptionsOf(entries: readonly LedgerEntry[]): readonly string[] {
  const assumptions = entries.flatMap((entry) => {
    const body: Partial<LedgerEntry['body']> | null | undefined = entry?.body;
    if (body?.kind !== 'charge' || !body.event || !body.subject) return [];
    const cap = participationOf(body.event);
    const assumed = body.event.mechanism === 'gaussian' ? body.event.sampling?.claim : body.event.mechanism;
    return [`task ${body.subject.task}: ${assumed}${cap ? `, a person in ${cap.most} of its releases at most` : ''}`];
  });
  return [...new Set(assumptions)];
}

function wrongLedger(reason: 'store' | 'input', names: readonly string[]): CommandError {
  return new CommandError(reason, `The ledger of ${names.join(', ')} is not to be trusted.`, {
    advice: 'Publish nothing more on it; restore a backup, and find out who could write there.',
    resultWritten: true,
  });
}

function linesOf({ population, entries, verification, mismatches }: StoredLedger): readonly string[] {
  return [
    verificationLine(`population ${population}`, entries, verification),
    ...mismatches.map((mismatch) => `  ${mismatchText(mismatch)}`),
  ];
}

function mismatchText(mismatch: LedgerMismatch): string {
  switch (mismatch.kind) {
    case 'no-ledger':
      return 'tasks of the population add noise, and it has no ledger: all of it is missing';
    case 'forged':
      return `version ${mismatch.version} is not signed by the coordinator`;
    case 'uncharged':
      return `version ${mismatch.version} was published, and no entry released it: entries are missing`;
    case 'cut':
      return `version ${mismatch.version} was signed at epsilon ${mismatch.epsilon.toFixed(4)}, more than the ledger holds: entries are missing`;
    case 'other-noise':
      return `entry ${mismatch.seq} ${mismatch.problem}`;
    case 'missing':
      return `version ${mismatch.version} was released by an entry, and is not in the store`;
  }
}

function verificationLine(name: string, entries: number, verification: LedgerVerification): string {
  if (!verification.ok) return `${name}: entry ${verification.seq} ${verification.problem}`;
  const { epsilon, budget, delta } = verification;
  if (budget === null) return `${name}: ${entries} entries; no budget was opened`;
  return `${name}: ${entries} entries verify; epsilon ${epsilon.toFixed(4)} of ${budget} at delta ${delta}`;
}

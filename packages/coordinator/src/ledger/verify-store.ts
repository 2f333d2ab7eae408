/** Recomputes every ledger of a store, and holds it against the models that were published. */
import { type LedgerEntry, type LedgerVerification, verifyLedger } from '@tributary/privacy';
import { verifyVersion } from '../registry/version.ts';
import type { Store, TaskRecord, VersionRecord } from '../store/store.ts';
import { chargeProblem } from './check-charge.ts';

export interface StoredLedger {
  readonly population: string;
  readonly tasks: readonly string[];
  readonly entries: number;
  readonly verification: LedgerVerification;
  /** What does not fit the models of the population's tasks, in words; none where all of it fits. */
  readonly mismatches: readonly LedgerMismatch[];
}

/** A version is named by its hash. */
export type LedgerMismatch =
  /** A task adds noise, which opens a ledger when it is created; there is none. */
  | { readonly kind: 'no-ledger' }
  /** The coordinator has not signed it. */
  | { readonly kind: 'forged'; readonly version: string }
  /** Training made it, and no entry released it. */
  | { readonly kind: 'uncharged'; readonly version: string }
  /** What it was signed with is more than the ledger holds: entries are missing. */
  | { readonly kind: 'cut'; readonly version: string; readonly epsilon: number }
  /** An entry charged another noise, cap or sampling than the task has. */
  | { readonly kind: 'other-noise'; readonly seq: number; readonly problem: string }
  /** An entry released it, and it is not in the store. */
  | { readonly kind: 'missing'; readonly version: string };

/** Between two evaluations of one epsilon in float64. */
const tolerance = 1 + 1e-9;

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
    const verification = verifyLedger(entries, coordinatorKey, population);
    const spent = verification.ok ? verification.epsilon : Number.POSITIVE_INFINITY;
    const released = releasedBy(entries);
    const mismatches = [
      ...(own.length > 0 && entries.length === 0 ? [{ kind: 'no-ledger' } as const] : []),
      ...versions.flatMap((record) => mismatchesOf(record, released, spent, coordinatorKey)),
      ...missing(versions, released),
      ...(verification.ok ? otherNoise(tasks, entries) : []),
    ];
    ledgers.push({ population, tasks: own, entries: entries.length, verification, mismatches });
  }
  return ledgers;
}

export function isSound({ verification, mismatches }: StoredLedger): boolean {
  return verification.ok && mismatches.length === 0;
}

/** Where a version came from is not signed, the spend at its release is. */
function mismatchesOf(
  { version, origin }: VersionRecord,
  released: ReadonlySet<string>,
  spent: number,
  coordinatorKey: Uint8Array,
): LedgerMismatch[] {
  const { hash, epsilon } = version;
  const found: LedgerMismatch[] = [];
  if (verifyVersion(version, coordinatorKey) !== null) found.push({ kind: 'forged', version: hash });
  if (origin === 'round' && !released.has(hash)) found.push({ kind: 'uncharged', version: hash });
  if (epsilon !== null && epsilon > spent * tolerance) found.push({ kind: 'cut', version: hash, epsilon });
  return found;
}

function otherNoise(tasks: readonly TaskRecord[], entries: readonly LedgerEntry[]): LedgerMismatch[] {
  return entries.flatMap(({ seq, body }): LedgerMismatch[] => {
    if (body.kind !== 'charge') return [];
    const task = tasks.find(({ id }) => id === body.subject.task);
    const problem = task ? chargeProblem(task.document, body.event) : 'is of a task that is not in the store';
    return problem === null ? [] : [{ kind: 'other-noise', seq, problem }];
  });
}

function missing(versions: readonly VersionRecord[], released: ReadonlySet<string>): LedgerMismatch[] {
  const stored = new Set(versions.map(({ version }) => version.hash));
  return [...released].filter((hash) => !stored.has(hash)).map((version) => ({ kind: 'missing', version }) as const);
}

/** Of an entry that is none, the verification has its own to say. */
function releasedBy(entries: readonly LedgerEntry[]): ReadonlySet<string> {
  const released = new Set<string>();
  for (const entry of entries) {
    const body: Partial<LedgerEntry['body']> | null | undefined = entry?.body;
    if (body?.kind === 'released' && typeof body.published === 'string') released.add(body.published);
  }
  return released;
}

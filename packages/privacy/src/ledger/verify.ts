/** Recomputes a ledger from its entries alone, and says the first that is wrong. */
import { composeEpsilon, type MechanismEvent } from '../accounting/accountant.ts';
import { hexToBytes } from '../bytes/hex.ts';
import { verify } from '../identity/identity.ts';
import { eventOf, type LedgerEntry, type LedgerSubject, ledgerEntryHash, ledgerSignedBytes } from './entry.ts';

export type LedgerVerification =
  | { readonly ok: true; readonly epsilon: number; readonly delta: number | null; readonly budget: number | null }
  | { readonly ok: false; readonly seq: number; readonly problem: string };

/** Slack between two evaluations of one epsilon in float64. */
const tolerance = 1 + 1e-9;

/**
 * Checks order, chain, hashes and signatures; that the budget is opened first and never passed; that each release has one
 * charge before it, for the same round, and at most one; that refusals were right.
 */
export function verifyLedger(entries: readonly LedgerEntry[], coordinatorKey: Uint8Array): LedgerVerification {
  let previous: LedgerEntry | null = null;
  let budget: number | null = null;
  let delta: number | null = null;
  let closed = false;
  const events: MechanismEvent[] = [];
  /** Charges that are neither released nor abandoned yet. */
  const pending = new Set<string>();
  const wrong = (seq: number, problem: string): LedgerVerification => ({ ok: false, seq, problem });

  for (const [index, entry] of entries.entries()) {
    const problem = chainProblem(entry, index, previous, coordinatorKey);
    if (problem) return wrong(index, problem);
    const { body } = entry;
    if (closed) return wrong(index, 'stands after the ledger was closed');
    if ((body.kind === 'open') !== (index === 0)) {
      return wrong(index, index === 0 ? 'is not the opening of a budget' : 'opens a budget a second time');
    }
    switch (body.kind) {
      case 'open':
        budget = body.budget;
        delta = body.delta;
        break;
      case 'charge': {
        events.push(eventOf(body));
        const epsilon = composeEpsilon(events, delta ?? 0);
        if (epsilon > (budget ?? 0) * tolerance)
          return wrong(index, `charges up to epsilon ${epsilon}; the budget is ${budget}`);
        if (pending.has(subjectKey(body.subject))) return wrong(index, 'charges a round twice');
        pending.add(subjectKey(body.subject));
        break;
      }
      case 'released':
      case 'abandoned':
        if (!pending.delete(subjectKey(body.subject)))
          return wrong(index, `says ${body.kind} of a round without an open charge`);
        break;
      case 'refused': {
        const epsilon = composeEpsilon([...events, eventOf(body)], delta ?? 0);
        if (epsilon * tolerance <= (budget ?? 0))
          return wrong(index, `refuses what the budget allowed (epsilon ${epsilon} of ${budget})`);
        break;
      }
      case 'close':
        closed = true;
        break;
    }
    previous = entry;
  }
  return { ok: true, epsilon: delta === null ? 0 : composeEpsilon(events, delta), delta, budget };
}

function chainProblem(entry: LedgerEntry, index: number, previous: LedgerEntry | null, key: Uint8Array): string | null {
  if (entry.seq !== index) return `has number ${entry.seq}; expected ${index}`;
  if (entry.previous !== (previous ? previous.hash : null)) return 'does not follow the entry before it';
  if (previous && entry.population !== previous.population) return 'belongs to another population';
  if (previous && entry.time < previous.time) return 'is older than the entry before it';
  try {
    if (ledgerEntryHash(entry) !== entry.hash) return 'does not hash to what it says';
    if (!verify(hexToBytes(entry.signature), ledgerSignedBytes(entry.hash), key))
      return 'is not signed by the coordinator';
  } catch {
    return 'has fields that cannot be read';
  }
  return null;
}

function subjectKey({ task, round, modelVersion, roundHash }: LedgerSubject): string {
  return `${task} ${round} ${modelVersion} ${roundHash}`;
}

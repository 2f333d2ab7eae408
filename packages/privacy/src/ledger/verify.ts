/** Recomputes a ledger from its entries alone, and says the first that is wrong. */
import { type Accountant, accountingProblem, createAccountant } from '../accounting/accountant.ts';
import { type NeighbourRelation, relationOf } from '../accounting/event.ts';
import { hexToBytes } from '../bytes/hex.ts';
import { verify } from '../identity/identity.ts';
import { type LedgerEntry, type LedgerSubject, ledgerEntryHash, ledgerSignedBytes } from './entry.ts';
import { entryShapeProblem } from './shape.ts';

export type LedgerVerification =
  | { readonly ok: true; readonly epsilon: number; readonly delta: number | null; readonly budget: number | null }
  | { readonly ok: false; readonly seq: number; readonly problem: string };

interface Opened {
  readonly budget: number;
  readonly delta: number;
  readonly relation: NeighbourRelation;
  readonly accountant: Accountant;
}

/** Slack between two evaluations of one epsilon in float64. */
const tolerance = 1 + 1e-9;

/**
 * Checks shape, order, chain, hashes and signatures; that the budget is opened first and never passed; that each release has
 * one charge before it, for the same round, and at most one; that refusals were right and final. Epsilons are recomputed from
 * the events; those that entries display are not looked at. Entries may come from anywhere, e.g. from parsed JSON: never throws.
 */
export function verifyLedger(entries: readonly LedgerEntry[], coordinatorKey: Uint8Array): LedgerVerification {
  let previous: LedgerEntry | null = null;
  let opened: Opened | null = null;
  let closed = false;
  /** What has become of each round so far. */
  const rounds = new Map<string, 'charged' | 'released' | 'abandoned' | 'refused'>();
  const wrong = (seq: number, problem: string): LedgerVerification => ({ ok: false, seq, problem });

  for (const [index, entry] of entries.entries()) {
    const problem = chainProblem(entry, index, previous, coordinatorKey);
    if (problem) return wrong(index, problem);
    previous = entry;
    const { body } = entry;
    if ('event' in body) {
      const unaccounted = accountingProblem(body.event);
      if (unaccounted !== null) return wrong(index, unaccounted);
    }
    if (closed) return wrong(index, 'stands after the ledger was closed');
    if (opened === null) {
      if (body.kind !== 'open') return wrong(index, 'is not the opening of a budget');
      opened = { ...body, accountant: createAccountant(body.accountant) };
      continue;
    }
    const { budget, delta, accountant, relation }: Opened = opened;
    if ('event' in body && relationOf(body.event) !== relation) {
      return wrong(index, `is of the relation ${relationOf(body.event)}; the budget is one of ${relation}`);
    }
    switch (body.kind) {
      case 'open':
        return wrong(index, 'opens a budget a second time');
      case 'charge': {
        const round = subjectKey(body.subject);
        const before = rounds.get(round);
        if (before === 'refused') return wrong(index, 'charges a round that was refused');
        if (before !== undefined) return wrong(index, 'charges a round twice');
        rounds.set(round, 'charged');
        accountant.add(body.event);
        const epsilon = accountant.epsilon(delta);
        if (!(epsilon <= budget * tolerance)) {
          return wrong(index, `charges up to epsilon ${epsilon}; the budget is ${budget}`);
        }
        break;
      }
      case 'released':
      case 'abandoned': {
        const round = subjectKey(body.subject);
        if (rounds.get(round) !== 'charged') {
          return wrong(index, `says ${body.kind} of a round without an open charge`);
        }
        rounds.set(round, body.kind);
        break;
      }
      case 'refused': {
        const round = subjectKey(body.subject);
        if (rounds.has(round)) return wrong(index, 'refuses a round that was charged or refused before');
        rounds.set(round, 'refused');
        const epsilon = accountant.epsilon(delta, body.event);
        if (epsilon * tolerance <= budget) {
          return wrong(index, `refuses what the budget allowed (epsilon ${epsilon} of ${budget})`);
        }
        break;
      }
      case 'close':
        closed = true;
        break;
    }
  }
  if (opened === null) return { ok: true, epsilon: 0, delta: null, budget: null };
  const { budget, delta, accountant }: Opened = opened;
  return { ok: true, epsilon: accountant.epsilon(delta), budget, delta };
}

function chainProblem(entry: LedgerEntry, index: number, previous: LedgerEntry | null, key: Uint8Array): string | null {
  const shape = entryShapeProblem(entry);
  if (shape !== null) return shape;
  if (entry.seq !== index) return `has number ${entry.seq}; expected ${index}`;
  if (entry.previous !== (previous ? previous.hash : null)) return 'does not follow the entry before it';
  if (previous && entry.population !== previous.population) return 'belongs to another population';
  if (previous && entry.time < previous.time) return 'is older than the entry before it';
  if (ledgerEntryHash(entry) !== entry.hash) return 'does not hash to what it says';
  if (!verify(hexToBytes(entry.signature), ledgerSignedBytes(entry.hash), key)) {
    return 'is not signed by the coordinator';
  }
  return null;
}

function subjectKey({ task, round, modelVersion, roundHash }: LedgerSubject): string {
  return `${task} ${round} ${modelVersion} ${roundHash}`;
}

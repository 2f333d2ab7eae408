/** Recomputes a ledger from its entries alone, and says the first that is wrong. */
import { type Accountant, accountingProblem, createAccountant } from '../accounting/accountant.ts';
import {
  type AccountantKind,
  type MechanismEvent,
  type NeighbourRelation,
  participationOf,
  relationOf,
} from '../accounting/event.ts';
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
  readonly accountantKind: AccountantKind;
}

type TreeEvent = Extract<MechanismEvent, { readonly mechanism: 'tree' }>;

interface Charged {
  readonly seq: number;
  readonly event: MechanismEvent;
}

/** Slack between two evaluations of one epsilon in float64. */
const tolerance = 1 + 1e-9;

/**
 * Checks shape, order, chain, hashes and signatures; that the budget is opened first and never passed; that each release has
 * one charge before it, for the same round, and at most one; that the leaves of a tree follow one another; that refusals were right and
 * final. Epsilons are recomputed from
 * the events; those that entries display are not looked at. Entries may come from anywhere, e.g. from parsed JSON: never throws.
 *
 * What a chain alone cannot tell is whether entries are missing at its end.
 * @param population whose ledger it has to be; the first entry's unless given
 */
export function verifyLedger(
  entries: readonly LedgerEntry[],
  coordinatorKey: Uint8Array,
  population?: string,
): LedgerVerification {
  let previous: LedgerEntry | null = null;
  let opened: Opened | null = null;
  let closed = false;
  /** What has become of each round so far. */
  const rounds = new Map<string, 'charged' | 'released' | 'abandoned' | 'refused'>();
  const charged: Charged[] = [];
  const published = new Set<string>();
  /** The tree of each task so far. */
  const trees = new Map<string, TreeEvent>();
  // Epsilon only grows, so that the budget is looked at once, before anything is said of a later entry.
  const wrong = (seq: number, problem: string): LedgerVerification =>
    (opened && passedBudget(opened, charged)) ?? { ok: false, seq, problem };

  for (const [index, entry] of entries.entries()) {
    const expected = previous?.population ?? population;
    const problem = chainProblem(entry, index, previous, expected, coordinatorKey);
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
      opened = { ...body, accountant: createAccountant(body.accountant), accountantKind: body.accountant };
      continue;
    }
    const { budget, delta, accountant, relation }: Opened = opened;
    if ('event' in body && relationOf(body.event) !== relation) {
      return wrong(index, `is of the relation ${relationOf(body.event)}; the budget is one of ${relation}`);
    }
    if ('event' in body) {
      const cap = participationOf(body.event);
      if (cap && cap.task !== body.subject.task) return wrong(index, 'caps participation in another task');
    }
    if ('event' in body && body.event.mechanism === 'tree') {
      const problem = leafProblem(body.event, trees.get(body.subject.task));
      if (problem !== null) return wrong(index, problem);
      if (body.kind === 'charge') trees.set(body.subject.task, body.event);
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
        charged.push({ seq: index, event: body.event });
        break;
      }
      case 'released':
      case 'abandoned': {
        const round = subjectKey(body.subject);
        if (rounds.get(round) !== 'charged') {
          return wrong(index, `says ${body.kind} of a round without an open charge`);
        }
        rounds.set(round, body.kind);
        if (body.kind === 'released') {
          if (published.has(body.published)) return wrong(index, 'releases a model a second time');
          published.add(body.published);
        }
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
  const epsilon = accountant.epsilon(delta);
  return passedBudget(opened, charged, epsilon) ?? { ok: true, epsilon, budget, delta };
}

/** Leaves other than powers of two cost nothing: only as leaves of a tree that was charged from its first one on. */
function leafProblem({ firstLeaf, noiseMultiplier }: TreeEvent, before: TreeEvent | undefined): string | null {
  if (firstLeaf === 1) return null;
  const next = before ? before.firstLeaf + before.steps : 1;
  if (firstLeaf !== next) return `is leaf ${firstLeaf} of its tree; expected leaf ${next}, or the first of another`;
  if (noiseMultiplier !== before?.noiseMultiplier) {
    return `has the noise multiplier ${noiseMultiplier} in a tree of ${before?.noiseMultiplier}`;
  }
  return null;
}

/** The first charge that passes the budget; null where none does. */
function passedBudget(
  { budget, delta, accountant: whole, accountantKind }: Opened,
  charged: readonly Charged[],
  total = whole.epsilon(delta),
): LedgerVerification | null {
  const isWithin = (epsilon: number) => epsilon <= budget * tolerance;
  if (isWithin(total)) return null;
  const epsilonOf = (count: number): number => {
    const accountant = createAccountant(accountantKind);
    for (const { event } of charged.slice(0, count)) accountant.add(event);
    return accountant.epsilon(delta);
  };
  let [within, past] = [0, charged.length];
  while (past - within > 1) {
    const middle = Math.floor((within + past) / 2);
    if (isWithin(epsilonOf(middle))) within = middle;
    else past = middle;
  }
  const problem = `charges up to epsilon ${epsilonOf(past)}; the budget is ${budget}`;
  return { ok: false, seq: charged[past - 1].seq, problem };
}

function chainProblem(
  entry: LedgerEntry,
  index: number,
  previous: LedgerEntry | null,
  population: string | undefined,
  key: Uint8Array,
): string | null {
  const shape = entryShapeProblem(entry);
  if (shape !== null) return shape;
  if (entry.seq !== index) return `has number ${entry.seq}; expected ${index}`;
  if (entry.previous !== (previous ? previous.hash : null)) return 'does not follow the entry before it';
  if (population !== undefined && entry.population !== population) return 'belongs to another population';
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

/**
 * The population's privacy ledger: a charge is durable before the release that it pays for, and a release that would pass the
 * budget is refused. Entries stand behind a port (memory, the store), whose append is a compare-and-swap on the head.
 */
import {
  type Accountant,
  type AccountantKind,
  appendEntry,
  type Charge,
  chargedEvents,
  createAccountant,
  type Identity,
  type LedgerBody,
  type LedgerEntry,
  type LedgerSubject,
  type NeighbourRelation,
  verifyLedger,
} from '@tributary/privacy';

export interface LedgerPort {
  entries(population: string): Promise<readonly LedgerEntry[]>;
  /**
   * Appends durably, if the entry's `previous` is still the head's hash.
   * @returns false when another writer was faster; nothing is written then
   */
  append(entry: LedgerEntry): Promise<boolean>;
}

export interface LedgerSpend {
  readonly epsilon: number;
  readonly delta: number;
  readonly budget: number;
}

export type ChargeOutcome =
  | { readonly kind: 'charged'; readonly spend: LedgerSpend }
  | { readonly kind: 'refused'; readonly spend: LedgerSpend; readonly epsilonAfter: number };

export interface Ledger {
  spend(): Promise<LedgerSpend>;
  /** Charges, or writes a refusal. Resolves when the entry is durable. */
  charge(subject: LedgerSubject, charge: Omit<Charge, 'epsilonBefore' | 'epsilonAfter'>): Promise<ChargeOutcome>;
  released(subject: LedgerSubject, published: string): Promise<void>;
  /** The `released` entry, not yet appended: a publication appends it in its own transaction. */
  releasedEntry(subject: LedgerSubject, published: string): Promise<LedgerEntry>;
  abandoned(subject: LedgerSubject, reason: string): Promise<void>;
  /** Charges without a release or an abandonment: what a crash left open. */
  openCharges(): Promise<LedgerSubject[]>;
}

export class LedgerError extends Error {
  override readonly name = 'LedgerError';
}

const attempts = 16;

/**
 * Opens the population's chain, verified from its first entry, or begins it with the budget.
 * @throws LedgerError when it does not verify under the signer's key, or was opened with another budget or delta
 */
export async function openLedger(options: {
  readonly port: LedgerPort;
  readonly population: string;
  readonly budget: number;
  readonly delta: number;
  /** By which the budget refuses; `pld` unless given. */
  readonly accountant?: AccountantKind;
  /** Of all events to come; to add or remove one person unless given. */
  readonly relation?: NeighbourRelation;
  readonly signer: Identity;
  readonly now: () => number;
}): Promise<Ledger> {
  const { port, population, budget, delta, signer, now, accountant: kind = 'pld', relation = 'add-remove' } = options;

  /** Appends what `body` makes of the entries as they are, again when another writer was faster. */
  const write = async (body: (entries: readonly LedgerEntry[]) => LedgerBody | null): Promise<LedgerBody | null> => {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const entries = await port.entries(population);
      const next = body(entries);
      if (!next) return null;
      const head = entries.at(-1) ?? null;
      const time = Math.max(now(), head?.time ?? 0);
      if (await port.append(appendEntry(head, { population, time, body: next }, signer))) return next;
    }
    throw new LedgerError(`The ledger of population '${population}' is being written by somebody else; try again.`);
  };

  // A chain that was edited must not go on: it may hide what was spent.
  const verification = verifyLedger(await port.entries(population), signer.publicKey, population);
  if (!verification.ok) {
    throw new LedgerError(
      `The ledger of population '${population}' is not to be trusted: entry ${verification.seq} ${verification.problem}. Restore the store from a backup.`,
    );
  }
  await write((entries) => {
    const [first] = entries;
    if (!first) return { kind: 'open', budget, delta, accountant: kind, relation };
    const { body } = first;
    if (
      body.kind !== 'open' ||
      body.budget !== budget ||
      body.delta !== delta ||
      body.accountant !== kind ||
      body.relation !== relation
    ) {
      const has =
        body.kind === 'open' ? `: ${body.budget} at delta ${body.delta}, ${body.accountant}, ${body.relation}` : '';
      throw new LedgerError(
        `Population '${population}' already has a ledger with another budget or delta, accountant or relation${has}; tasks on the same people share one. Use its values, or another population.`,
      );
    }
    return null;
  });

  /** What the chain spends up to its head, which is asked for again and again. */
  let last: { readonly head: string; readonly epsilon: number } | null = null;
  const spentAt = (entries: readonly LedgerEntry[]): number => {
    const head = entries.at(-1)?.hash ?? '';
    if (last?.head !== head) last = { head, epsilon: accountantOf(entries, kind).epsilon(delta) };
    return last.epsilon;
  };

  return {
    async spend() {
      return { epsilon: spentAt(await port.entries(population)), delta, budget };
    },
    async charge(subject, charge) {
      const written = await write((entries) => {
        const accountant = accountantOf(entries, kind);
        const before = spentAt(entries);
        const full = { ...charge, epsilonBefore: before, epsilonAfter: 0 };
        const after = accountant.epsilon(delta, full.event);
        return { kind: after > budget ? 'refused' : 'charge', subject, ...full, epsilonAfter: after };
      });
      if (written?.kind === 'charge')
        return { kind: 'charged', spend: { epsilon: written.epsilonAfter, delta, budget } };
      if (written?.kind === 'refused') {
        return {
          kind: 'refused',
          spend: { epsilon: written.epsilonBefore, delta, budget },
          epsilonAfter: written.epsilonAfter,
        };
      }
      throw new LedgerError('The charge was not written.');
    },
    async released(subject, published) {
      await write(() => ({ kind: 'released', subject, published }));
    },
    async releasedEntry(subject, published) {
      const head = (await port.entries(population)).at(-1) ?? null;
      const time = Math.max(now(), head?.time ?? 0);
      return appendEntry(head, { population, time, body: { kind: 'released', subject, published } }, signer);
    },
    async abandoned(subject, reason) {
      await write(() => ({ kind: 'abandoned', subject, reason }));
    },
    async openCharges() {
      const open = new Map<string, LedgerSubject>();
      for (const { body } of await port.entries(population)) {
        if (body.kind === 'charge') open.set(body.subject.roundHash, body.subject);
        else if (body.kind === 'released' || body.kind === 'abandoned') open.delete(body.subject.roundHash);
      }
      return [...open.values()];
    },
  };
}

function accountantOf(entries: readonly LedgerEntry[], kind: AccountantKind): Accountant {
  const accountant = createAccountant(kind);
  for (const event of chargedEvents(entries)) accountant.add(event);
  return accountant;
}

/** Entries in memory: for simulations, and as the plainest port. */
export function memoryLedgerPort(): LedgerPort {
  const chains = new Map<string, LedgerEntry[]>();
  return {
    entries: async (population) => [...(chains.get(population) ?? [])],
    append: async (entry) => {
      const chain = chains.get(entry.population) ?? [];
      if ((chain.at(-1)?.hash ?? null) !== entry.previous) return false;
      chain.push(entry);
      chains.set(entry.population, chain);
      return true;
    },
  };
}

import {
  composeEpsilon,
  createIdentity,
  type LedgerEntry,
  type LedgerSubject,
  type MechanismEvent,
  systemRandom,
  verifyLedger,
} from '@tributary/privacy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LedgerError, type LedgerPort, memoryLedgerPort, openLedger } from './ledger.ts';

const signer = createIdentity(systemRandom);
const delta = 1e-6;

function subjectOf(round: number): LedgerSubject {
  return { task: 'books', round, modelVersion: 'a'.repeat(64), roundHash: round.toString(16).padStart(64, '0') };
}

function chargeOf(noiseMultiplier: number) {
  return {
    event: { mechanism: 'gaussian', noiseMultiplier, sampling: { claim: 'none' }, steps: 1 },
    sensitivity: 1,
    roundedCount: 100,
    minimumCount: 50,
  } as const;
}

const open = (port: LedgerPort, budget = 8, population = 'readers', now = () => 1000) =>
  openLedger({ port, population, budget, delta, signer, now });

/** Epsilon of the charges in a chain, added up here and not by the ledger. */
function recomputed(entries: readonly LedgerEntry[]): number {
  const events = entries.flatMap(({ body }): MechanismEvent[] => (body.kind === 'charge' ? [body.event] : []));
  return composeEpsilon(events, delta, 'pld');
}

describe('the ledger', () => {
  it('charges what the accountant says: one Gaussian step of z = 4 at 1e-6 is epsilon 1.0607', async () => {
    const ledger = await open(memoryLedgerPort());
    expect(await ledger.spend()).toEqual({ epsilon: 0, delta, budget: 8 });
    const outcome = await ledger.charge(subjectOf(1), chargeOf(4));
    expect(outcome.kind).toBe('charged');
    // PRIVACY, section 6, q = 1, z = 4, T = 1.
    expect(outcome.spend.epsilon).toBeCloseTo(1.0607, 4);
    expect(await ledger.spend()).toEqual(outcome.spend);
  });

  it('refuses what would pass the budget, writes that down, and charges nothing for it', async () => {
    const port = memoryLedgerPort();
    const ledger = await open(port, 2);
    const first = await ledger.charge(subjectOf(1), chargeOf(4));
    const refused = await ledger.charge(subjectOf(2), chargeOf(1));
    expect(refused).toMatchObject({ kind: 'refused', spend: first.spend });
    expect(refused.kind === 'refused' && refused.epsilonAfter).toBeGreaterThan(2);
    expect(await ledger.spend()).toEqual(first.spend);
    expect((await port.entries('readers')).map(({ body }) => body.kind)).toEqual(['open', 'charge', 'refused']);
  });

  it('never passes the budget, whatever is charged, released, abandoned or reopened, and its chain verifies', async () => {
    const step = fc.record({
      noiseMultiplier: fc.constantFrom(0.8, 2, 4, 16),
      end: fc.constantFrom('released', 'abandoned', 'crash'),
    });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(1, 3, 12), fc.array(step, { maxLength: 6 }), async (budget, steps) => {
        const port = memoryLedgerPort();
        let ledger = await open(port, budget);
        for (const [index, { noiseMultiplier, end }] of steps.entries()) {
          const subject = subjectOf(index + 1);
          const before = (await ledger.spend()).epsilon;
          const outcome = await ledger.charge(subject, chargeOf(noiseMultiplier));
          const alone = composeEpsilon(
            [{ mechanism: 'gaussian', noiseMultiplier, sampling: { claim: 'none' }, steps: 1 }],
            delta,
          );
          if (before === 0) expect(outcome.kind).toBe(alone > budget ? 'refused' : 'charged');
          if (outcome.kind === 'charged') {
            expect(outcome.spend.epsilon).toBeGreaterThan(before);
            if (end === 'released') await ledger.released(subject, subject.roundHash);
            else if (end === 'abandoned') await ledger.abandoned(subject, 'the step was not finite');
            else {
              ledger = await open(port, budget);
              expect(await ledger.openCharges()).toEqual([subject]);
              for (const left of await ledger.openCharges()) await ledger.abandoned(left, 'a crash');
            }
          }
          expect(await ledger.openCharges()).toEqual([]);
        }
        const entries = await port.entries('readers');
        expect(recomputed(entries)).toBeLessThanOrEqual(budget);
        expect((await ledger.spend()).epsilon).toBe(recomputed(entries));
        expect(verifyLedger(entries, signer.publicKey)).toMatchObject({
          ok: true,
          budget,
          epsilon: recomputed(entries),
        });
      }),
      { numRuns: 40 },
    );
  });

  it('holds the budget for two writers on one port that charge at once', async () => {
    const port = memoryLedgerPort();
    const writers = await Promise.all([open(port, 3), open(port, 3)]);
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, i) => writers[i % 2].charge(subjectOf(i + 1), chargeOf(4))),
    );
    const entries = await port.entries('readers');
    expect(verifyLedger(entries, signer.publicKey)).toMatchObject({ ok: true });
    expect(recomputed(entries)).toBeLessThanOrEqual(3);
    const charged = outcomes.filter(({ kind }) => kind === 'charged').length;
    expect(entries.filter(({ body }) => body.kind === 'charge')).toHaveLength(charged);
    // As many as one writer alone may charge: T steps of z = 4 fit while epsilon(T) <= 3.
    const fits = [1, 2, 3, 4, 5, 6, 7, 8].filter(
      (steps) =>
        composeEpsilon(
          [{ mechanism: 'gaussian', noiseMultiplier: 4, sampling: { claim: 'none' }, steps }],
          delta,
          'pld',
        ) <= 3,
    );
    expect(charged).toBe(fits.length);
  });

  it('decides anew when another writer was faster', async () => {
    const port = memoryLedgerPort();
    const other = await open(port, 1.6);
    let interrupt = true;
    const slow: LedgerPort = {
      entries: port.entries,
      append: async (entry) => {
        if (interrupt && entry.body.kind === 'charge') {
          interrupt = false;
          await other.charge(subjectOf(1), chargeOf(4));
        }
        return port.append(entry);
      },
    };
    const ledger = await open(slow, 1.6);
    // It fits a budget that nobody else draws on, and no longer after the other's charge.
    expect((await (await open(memoryLedgerPort(), 1.6)).charge(subjectOf(2), chargeOf(3))).kind).toBe('charged');
    const outcome = await ledger.charge(subjectOf(2), chargeOf(3));
    expect(outcome.kind).toBe('refused');
    expect(recomputed(await port.entries('readers'))).toBeLessThanOrEqual(1.6);
  });

  it('gives up on a port where somebody else is always faster, with nothing written', async () => {
    const port = memoryLedgerPort();
    await open(port);
    const busy: LedgerPort = { entries: port.entries, append: async () => false };
    const ledger = await open(busy);
    await expect(ledger.charge(subjectOf(1), chargeOf(4))).rejects.toBeInstanceOf(LedgerError);
    expect(await port.entries('readers')).toHaveLength(1);
  });

  it('is one per population, and keeps the budget and delta that it was opened with', async () => {
    const port = memoryLedgerPort();
    const ledger = await open(port, 8);
    await ledger.charge(subjectOf(1), chargeOf(4));
    await expect(open(port, 9)).rejects.toThrow(/another budget or delta/);
    await expect(
      openLedger({ port, population: 'readers', budget: 8, delta: 1e-5, signer, now: () => 1000 }),
    ).rejects.toBeInstanceOf(LedgerError);
    expect((await (await open(port, 8)).spend()).epsilon).toBeCloseTo(1.0607, 4);
    expect((await (await open(port, 9, 'viewers')).spend()).epsilon).toBe(0);
  });

  it('makes the released entry for a publication that appends it itself', async () => {
    const port = memoryLedgerPort();
    const ledger = await open(port);
    await ledger.charge(subjectOf(1), chargeOf(4));
    const entry = await ledger.releasedEntry(subjectOf(1), 'e'.repeat(64));
    expect(await port.entries('readers')).toHaveLength(2);
    expect(await port.append(entry)).toBe(true);
    expect(await port.append(entry)).toBe(false);
    expect(verifyLedger(await port.entries('readers'), signer.publicKey)).toMatchObject({ ok: true });
    expect(await ledger.openCharges()).toEqual([]);
  });

  it('does not run backwards when the clock does', async () => {
    const port = memoryLedgerPort();
    let time = 5000;
    const ledger = await open(port, 8, 'readers', () => time);
    time = 10;
    await ledger.charge(subjectOf(1), chargeOf(4));
    expect((await port.entries('readers')).map((entry) => entry.time)).toEqual([5000, 5000]);
    expect(verifyLedger(await port.entries('readers'), signer.publicKey).ok).toBe(true);
  });
});

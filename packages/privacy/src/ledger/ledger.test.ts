import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeEpsilon } from '../accounting/accountant.ts';
import { createIdentity } from '../identity/identity.ts';
import { seededResearchRandom } from '../random/keystream.ts';
import { appendEntry, chargedEvents, type LedgerBody, type LedgerEntry, type LedgerSubject } from './entry.ts';
import { verifyLedger } from './verify.ts';

const signer = createIdentity(seededResearchRandom(1));
const delta = 1e-5;
const hash = (n: number) => n.toString(16).padStart(64, '0');
const subject = (round: number): LedgerSubject => ({
  task: 'films',
  round,
  modelVersion: hash(round),
  roundHash: hash(1000 + round),
});
const charge = (round: number, kind: 'charge' | 'refused' = 'charge', noiseMultiplier = 4): LedgerBody => ({
  kind,
  subject: subject(round),
  mechanism: 'gaussian',
  noiseMultiplier,
  sensitivity: 1,
  sampling: { claim: 'none' },
  steps: 1,
  roundedCount: 100,
  minimumCount: 50,
  epsilonBefore: 0,
  epsilonAfter: 0,
});
const open: LedgerBody = { kind: 'open', budget: 3, delta, accountant: 'rdp', relation: 'add-remove' };

function chain(...bodies: readonly LedgerBody[]): LedgerEntry[] {
  const entries: LedgerEntry[] = [];
  for (const [time, body] of bodies.entries()) {
    entries.push(appendEntry(entries.at(-1) ?? null, { population: 'crowd', time, body }, signer));
  }
  return entries;
}

const good = chain(
  open,
  charge(1),
  { kind: 'released', subject: subject(1), published: hash(77) },
  charge(2),
  { kind: 'abandoned', subject: subject(2), reason: 'a crash' },
  charge(3, 'refused', 0.1),
  { kind: 'close', reason: 'done' },
);

describe('a ledger', () => {
  it('verifies, and its epsilon is that of all charges, released or not', () => {
    const events = chargedEvents(good);
    expect(events).toHaveLength(2);
    expect(verifyLedger(good, signer.publicKey)).toEqual({
      ok: true,
      budget: 3,
      delta,
      epsilon: composeEpsilon(events, delta),
    });
  });

  it('shows any change of any field of any entry', () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(10_000), fc.constantFrom('0', '1', '5', 'f'), (index, at, digit) => {
        const text = JSON.stringify(good[index]);
        const digits = [...text.matchAll(/(?<=[:",.0-9a-f-])[0-9a-f](?=[",.0-9a-f}])/g)].map((match) => match.index);
        const place = digits[at % digits.length];
        fc.pre(text[place] !== digit);
        let changed: LedgerEntry;
        try {
          changed = JSON.parse(`${text.slice(0, place)}${digit}${text.slice(place + 1)}`);
        } catch {
          return;
        }
        fc.pre(JSON.stringify(changed) !== text && Object.keys(changed).every((key) => key in good[index]));
        // A changed key inside the body or a number that means the same is no change of a field.
        fc.pre(JSON.stringify(Object.keys(changed.body)) === JSON.stringify(Object.keys(good[index].body)));
        const forged = good.map((entry, i) => (i === index ? changed : entry));
        expect(verifyLedger(forged, signer.publicKey)).toMatchObject({ ok: false });
      }),
      { numRuns: 300 },
    );
  });

  it('does not verify under another key, shortened in the middle or reordered', () => {
    expect(verifyLedger(good, createIdentity(seededResearchRandom(2)).publicKey)).toMatchObject({ ok: false, seq: 0 });
    expect(
      verifyLedger(
        good.filter((_, i) => i !== 3),
        signer.publicKey,
      ),
    ).toMatchObject({ ok: false, seq: 3 });
    expect(verifyLedger([good[0], good[2], good[1]], signer.publicKey)).toMatchObject({ ok: false, seq: 1 });
  });

  it.each([
    [
      'a release without a charge',
      [open, { kind: 'released', subject: subject(1), published: hash(1) }],
      1,
      'without an open charge',
    ],
    [
      'a second release of one charge',
      [
        open,
        charge(1),
        { kind: 'released', subject: subject(1), published: hash(1) },
        { kind: 'released', subject: subject(1), published: hash(2) },
      ],
      3,
      'without an open charge',
    ],
    ['charges past the budget', [open, charge(1, 'charge', 0.5)], 1, 'the budget is 3'],
    ['a refusal of what the budget allowed', [open, charge(1, 'refused', 40)], 1, 'refuses what the budget allowed'],
    ['a second budget', [open, { ...open, budget: 100 }], 1, 'opens a budget a second time'],
    ['a chain that begins without one', [charge(1)], 0, 'is not the opening'],
    ['an entry after the end', [open, { kind: 'close', reason: '' }, charge(1)], 2, 'after the ledger was closed'],
  ] as [string, LedgerBody[], number, string][])('refuses %s, and says where', (_name, bodies, seq, problem) => {
    const result = verifyLedger(chain(...bodies), signer.publicKey);
    expect(result).toMatchObject({ ok: false, seq });
    expect(!result.ok && result.problem).toContain(problem);
  });
});

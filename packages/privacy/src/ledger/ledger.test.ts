import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeEpsilon } from '../accounting/accountant.ts';
import { createIdentity } from '../identity/identity.ts';
import { seededResearchRandom } from '../random/keystream.ts';
import { appendEntry, chargedEvents, type LedgerBody, type LedgerEntry, type LedgerSubject } from './entry.ts';
import { verifyLedger } from './verify-ledger.ts';

const signer = createIdentity(seededResearchRandom(1));
const delta = 1e-5;
const hash = (n: number) => n.toString(16).padStart(64, '0');
const subject = (round: number): LedgerSubject => ({
  task: 'films',
  round,
  modelVersion: hash(round),
  roundHash: hash(1000 + round),
});
const plain = { mechanism: 'gaussian', noiseMultiplier: 4, sampling: { claim: 'none' }, steps: 1 } as const;
const charge = (round: number, kind: 'charge' | 'refused' = 'charge', noiseMultiplier = 4): LedgerBody => ({
  kind,
  subject: subject(round),
  event: { ...plain, noiseMultiplier },
  sensitivity: 1,
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

  it('is recomputed by the accountant that it was opened with', () => {
    const charges = Array.from({ length: 6 }, (_, i) => charge(i + 1));
    const events = chargedEvents(chain(open, ...charges));
    const [loose, tight] = [composeEpsilon(events, delta, 'rdp'), composeEpsilon(events, delta, 'pld')];
    const budget = (loose + tight) / 2;
    const openedWith = (accountant: 'rdp' | 'pld') => chain({ ...open, budget, accountant }, ...charges);
    expect(verifyLedger(openedWith('pld'), signer.publicKey)).toEqual({ ok: true, budget, delta, epsilon: tight });
    expect(verifyLedger(openedWith('rdp'), signer.publicKey)).toMatchObject({ ok: false, seq: 6 });
  });

  it('charges one person for the releases that she can be in, of the task that its entry is of', () => {
    const capped = (round: number, noiseMultiplier: number, task = 'films'): LedgerBody => ({
      ...(charge(round) as Extract<LedgerBody, { kind: 'charge' }>),
      event: { ...plain, noiseMultiplier, participation: { task, most: 2 } },
    });
    const all = chain({ ...open, budget: 2.5 }, capped(1, 6), capped(2, 6), capped(3, 4), capped(4, 6));
    const events = [
      { ...plain, noiseMultiplier: 4 },
      { ...plain, noiseMultiplier: 6 },
    ];
    const verified = verifyLedger(all, signer.publicKey);
    expect(verified.ok && verified.epsilon).toBeCloseTo(composeEpsilon(events, delta), 12);
    // Releases of two tasks under one name would be two tasks' rounds for the price of one.
    const borrowed = chain(open, capped(1, 6), capped(2, 6, 'books'));
    expect(verifyLedger(borrowed, signer.publicKey)).toMatchObject({ ok: false, seq: 2 });
    const wrong = chain(open, {
      ...capped(1, 6),
      event: { ...plain, participation: { task: 'films', most: 0 } },
    } as LedgerBody);
    expect(verifyLedger(wrong, signer.publicKey)).toMatchObject({ ok: false, seq: 1 });
    const [first, second] = [capped(1, 6), { ...capped(1, 6), event: { ...plain, noiseMultiplier: 6 } } as LedgerBody];
    expect(chain(open, first)[1].hash).not.toBe(chain(open, second)[1].hash);
  });

  it('has the leaves of each tree one after the other, with the noise that the first was charged for', () => {
    const leaf = (round: number, firstLeaf: number, noiseMultiplier = 20, steps = 1): LedgerBody => ({
      ...(charge(round) as Extract<LedgerBody, { kind: 'charge' }>),
      event: { mechanism: 'tree', noiseMultiplier, firstLeaf, steps },
    });
    const check = (...leaves: LedgerBody[]) => verifyLedger(chain(open, ...leaves), signer.publicKey);
    const whole = check(leaf(1, 1), leaf(2, 2), leaf(3, 3, 20, 2), leaf(4, 5), leaf(5, 1, 30), leaf(6, 2, 30));
    const events = [
      { mechanism: 'tree', noiseMultiplier: 20, firstLeaf: 1, steps: 5 },
      { mechanism: 'tree', noiseMultiplier: 30, firstLeaf: 1, steps: 2 },
    ] as const;
    expect(whole).toMatchObject({ ok: true });
    expect(whole.ok && whole.epsilon).toBeCloseTo(composeEpsilon(events, delta), 12);
    // Leaves that cost nothing by themselves, and would be free noise.
    expect(check(leaf(1, 3))).toMatchObject({ ok: false, seq: 1, problem: expect.stringMatching(/expected leaf 1/) });
    expect(check(leaf(1, 1), leaf(2, 3))).toMatchObject({ ok: false, seq: 2 });
    expect(check(leaf(1, 1), leaf(2, 2), leaf(3, 3, 0.1))).toMatchObject({ ok: false, seq: 3 });
    const ofAnotherTask = { ...leaf(2, 2), subject: { ...subject(2), task: 'books' } } as LedgerBody;
    expect(check(leaf(1, 1), ofAnotherTask)).toMatchObject({ ok: false, seq: 2 });
  });

  it('hashes to the known answers of docs/protocol.md, which Python computed', () => {
    const specification = readFileSync(new URL('../../../../docs/protocol.md', import.meta.url), 'utf8');
    const opened = appendEntry(
      null,
      {
        population: 'viewers',
        time: 1_700_000_000_000,
        body: { kind: 'open', budget: 8, delta: 1e-6, accountant: 'rdp', relation: 'add-remove' },
      },
      signer,
    );
    const charged = appendEntry(
      opened,
      {
        population: 'viewers',
        time: 1_700_000_000_001,
        body: {
          kind: 'charge',
          subject: { task: 'films', round: 4, modelVersion: '55'.repeat(32), roundHash: '66'.repeat(32) },
          event: {
            mechanism: 'gaussian',
            noiseMultiplier: 1,
            sampling: { claim: 'poisson', rate: 0.01 },
            steps: 1,
          },
          sensitivity: 2.5,
          roundedCount: 100,
          minimumCount: 80,
          epsilonBefore: 0,
          epsilonAfter: 1.2121,
        },
      },
      signer,
    );
    expect(opened.hash).toBe('b289c3812fbbcd94571ecafcfe7b8ea791eb770f7a1b18b93f7155cdac8351b7');
    expect(charged.hash).toBe('c3529b0b30b616f1ceb132151f29d3fd98d95987f9eed95b097d41ecaaecd3dc');
    for (const { hash } of [opened, charged]) expect(specification).toContain(`\`${hash}\``);
    // dp-accounting.json, q = 0.01, z = 1, one step at 1e-6.
    expect(verifyLedger([opened, charged], signer.publicKey)).toMatchObject({
      ok: true,
      epsilon: expect.closeTo(1.2121, 4),
    });
  });

  it('shows any single byte that is changed in any entry, at that entry', () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(), fc.integer({ min: 0x20, max: 0x7e }), (index, at, byte) => {
        const text = JSON.stringify(good[index]);
        const place = at % text.length;
        const changed = `${text.slice(0, place)}${String.fromCharCode(byte)}${text.slice(place + 1)}`;
        let entry: LedgerEntry;
        try {
          entry = JSON.parse(changed);
        } catch {
          return; // Not even JSON any more.
        }
        // Another way of writing the same, e.g. 1e2 for 100.
        fc.pre(JSON.stringify(entry) !== text);
        const forged = good.map((one, i) => (i === index ? entry : one));
        expect(verifyLedger(forged, signer.publicKey)).toMatchObject({ ok: false, seq: index });
      }),
      { numRuns: 400 },
    );
  });

  it('shows a field that is missing, does not belong, or is written in another way', () => {
    const wrongAt = (index: number, change: (entry: LedgerEntry) => unknown) => {
      const forged = good.map((one, i) => (i === index ? change(structuredClone(one)) : one)) as LedgerEntry[];
      return verifyLedger(forged, signer.publicKey);
    };
    for (const index of good.keys()) {
      for (const path of leavesOf(good[index])) {
        const without = wrongAt(index, (entry) => withoutLeaf(entry, path));
        expect(without, path.join('.')).toMatchObject({ ok: false, seq: index });
      }
      expect(wrongAt(index, (entry) => ({ ...entry, note: 1 }))).toMatchObject({ ok: false, seq: index });
      expect(wrongAt(index, (entry) => ({ ...entry, body: { ...entry.body, note: 1 } }))).toMatchObject({ ok: false });
      expect(wrongAt(index, (entry) => ({ ...entry, signature: entry.signature.toUpperCase() }))).toMatchObject({
        ok: false,
        seq: index,
        problem: expect.stringContaining('signature'),
      });
    }
    expect(wrongAt(4, (entry) => ({ ...entry, body: { ...entry.body, reason: '\ud800' } }))).toMatchObject({
      ok: false,
    });
    for (const rubbish of [null, 1, 'x', [], {}]) {
      expect(wrongAt(0, () => rubbish)).toMatchObject({ ok: false, seq: 0 });
    }
  });

  it('holds no more than its documented fields: none is of a person', () => {
    const names = new Set(good.flatMap((entry) => leavesOf(entry).map((path) => path.join('.'))));
    const charged = [
      'sensitivity',
      ...['mechanism', 'noiseMultiplier', 'sampling.claim', 'steps'].map((name) => `event.${name}`),
      ...['roundedCount', 'minimumCount', 'epsilonBefore', 'epsilonAfter'],
    ];
    const bodies = ['kind', 'budget', 'delta', 'accountant', 'relation', 'published', 'reason', ...charged];
    const subjects = ['task', 'round', 'modelVersion', 'roundHash'].map((name) => `subject.${name}`);
    expect([...names].sort()).toEqual(
      [
        ...['population', 'seq', 'time', 'previous', 'hash', 'signature'],
        ...[...bodies, ...subjects].map((name) => `body.${name}`),
      ].sort(),
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
    [
      'a round that is charged again after its release',
      [open, charge(1), { kind: 'released', subject: subject(1), published: hash(1) }, charge(1)],
      3,
      'charges a round twice',
    ],
    [
      'a round that is charged after its refusal',
      [open, charge(1, 'refused', 0.1), charge(1)],
      2,
      'charges a round that was refused',
    ],
    ['a refusal after the charge', [open, charge(1), charge(1, 'refused', 0.1)], 2, 'charged or refused before'],
    ['a charge without noise', [open, charge(1, 'charge', 0)], 1, 'noiseMultiplier'],
    ['a charge of no steps', [open, { ...charge(1), event: { ...plain, steps: 0 } } as LedgerBody], 1, 'steps'],
    ['an exact count of contributions', [open, { ...charge(1), roundedCount: 101 } as LedgerBody], 1, 'roundedCount'],
    ['a delta that promises nothing', [{ ...open, delta: 1 }], 0, 'delta'],
    [
      'a sampling rate above one',
      [open, { ...charge(1), event: { ...plain, sampling: { claim: 'poisson', rate: 1.5 } } } as LedgerBody],
      1,
      'sampling.rate',
    ],
    [
      'an event of another relation',
      [
        open,
        {
          ...charge(1, 'refused'),
          event: { ...plain, sampling: { claim: 'fixed-size', population: 100, cohort: 10 } },
        } as LedgerBody,
      ],
      1,
      'relation replace; the budget is one of add-remove',
    ],
    [
      'a cohort above its population',
      [
        open,
        {
          ...charge(1),
          event: { ...plain, sampling: { claim: 'fixed-size', population: 10, cohort: 100 } },
        } as LedgerBody,
      ],
      1,
      'at most the population',
    ],
    ['a second budget', [open, { ...open, budget: 100 }], 1, 'opens a budget a second time'],
    ['a chain that begins without one', [charge(1)], 0, 'is not the opening'],
    ['an entry after the end', [open, { kind: 'close', reason: '' }, charge(1)], 2, 'after the ledger was closed'],
  ] as [string, LedgerBody[], number, string][])('refuses %s, and says where', (_name, bodies, seq, problem) => {
    const result = verifyLedger(chain(...bodies), signer.publicKey);
    expect(result).toMatchObject({ ok: false, seq });
    expect(!result.ok && result.problem).toContain(problem);
  });
});

type Path = readonly string[];

function leavesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, [...path, name]));
}

function withoutLeaf(entry: LedgerEntry, path: Path): unknown {
  let at = entry as unknown as Record<string, unknown>;
  for (const name of path.slice(0, -1)) at = at[name] as Record<string, unknown>;
  delete at[path[path.length - 1]];
  return entry;
}

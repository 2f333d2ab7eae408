/**
 * Thousands of schedules of charges, crashes and restarts by two coordinators on one population, each against a model of the world
 * that knows only what could be seen: that of which a sum was opened.
 */
import {
  composeEpsilon,
  createIdentity,
  type LedgerEntry,
  type LedgerSubject,
  type MechanismEvent,
  seededResearchRandom,
  verifyLedger,
} from '@tributary/privacy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Ledger, type LedgerPort, memoryLedgerPort, openLedger } from './ledger.ts';

const signer = createIdentity(seededResearchRandom(5));
const delta = 1e-6;
const population = 'readers';

/** Where a round's release ends; the places of a crash are those of the ledger's table of crashes. */
const ends = [
  'released',
  'abandoned',
  'crash before the charge is written',
  'crash when the charge is written, before anyone hears of it',
  'crash after the charge, before the sum is opened',
  'crash after the sum is opened',
] as const;

interface Step {
  readonly noiseMultiplier: number;
  readonly end: (typeof ends)[number];
}
/** What both coordinators do at once; null: nothing. */
type Turn = readonly [Step | null, Step | null];

const step = fc.record({ noiseMultiplier: fc.constantFrom(0.9, 2, 4, 16), end: fc.constantFrom(...ends) });
const schedules = fc.record({
  budget: fc.constantFrom(0.9, 2, 6),
  turns: fc.array(fc.tuple(fc.option(step), fc.option(step)), { minLength: 1, maxLength: 5 }),
  /** How many turns of the event loop each access to the port takes, one after another. */
  delays: fc.array(fc.nat(3), { minLength: 1, maxLength: 7 }),
});

class Crash extends Error {}

/** A port as one coordinator reaches it: slow, and cut off by a crash of its own. */
function reached(port: LedgerPort, pause: () => Promise<void>) {
  let crash: 'before' | 'after' | null = null;
  const own: LedgerPort = {
    entries: async (of) => {
      await pause();
      return port.entries(of);
    },
    append: async (entry) => {
      await pause();
      if (crash === 'before') throw new Crash();
      const written = await port.append(entry);
      await pause();
      if (crash === 'after' && written) throw new Crash();
      return written;
    },
  };
  return {
    port: own,
    crashAtCharge(when: typeof crash) {
      crash = when;
    },
  };
}

/** Everything that a schedule brought about. */
interface World {
  readonly entries: readonly LedgerEntry[];
  /** Of which a sum was opened. */
  readonly seen: readonly MechanismEvent[];
  /** Rounds whose release was announced. */
  readonly published: readonly string[];
}

async function carryOut(
  port: LedgerPort,
  budget: number,
  turns: readonly Turn[],
  delays: readonly number[],
): Promise<World> {
  let access = 0;
  const pause = async () => {
    for (let left = delays[access++ % delays.length]; left > 0; left--) await Promise.resolve();
  };
  const seen: MechanismEvent[] = [];
  const published: string[] = [];
  let rounds = 0;

  const coordinators = await Promise.all(
    ['books', 'films'].map(async (task) => {
      const way = reached(port, pause);
      const start = () => openLedger({ port: way.port, population, budget, delta, signer, now: () => 1000 });
      let ledger: Ledger = await start();
      const restart = async () => {
        way.crashAtCharge(null);
        ledger = await start();
        // Each abandons what its own task left open.
        for (const left of await ledger.openCharges()) {
          if (left.task === task) await ledger.abandoned(left, 'a crash');
        }
      };
      return async ({ noiseMultiplier, end }: Step) => {
        const round = ++rounds;
        const roundHash = round.toString(16).padStart(64, '0');
        const subject: LedgerSubject = { task, round, modelVersion: 'a'.repeat(64), roundHash };
        const event = { mechanism: 'gaussian', noiseMultiplier, sampling: { claim: 'none' }, steps: 1 } as const;
        if (end === 'crash before the charge is written') way.crashAtCharge('before');
        if (end === 'crash when the charge is written, before anyone hears of it') way.crashAtCharge('after');
        try {
          const charge = { event, sensitivity: 1, roundedCount: 100, minimumCount: 50 };
          const outcome = await ledger.charge(subject, charge);
          if (outcome.kind === 'refused') return;
          if (end === 'crash after the charge, before the sum is opened') throw new Crash();
          seen.push(event);
          if (end === 'crash after the sum is opened') throw new Crash();
          if (end === 'abandoned') return await ledger.abandoned(subject, 'the step was not finite');
          await ledger.released(subject, roundHash);
          published.push(roundHash);
        } catch (error) {
          if (!(error instanceof Crash)) throw error;
          await restart();
        }
      };
    }),
  );
  for (const turn of turns) {
    await Promise.all(turn.map((wanted, i) => (wanted ? coordinators[i](wanted) : undefined)));
  }
  return { entries: await port.entries(population), seen, published };
}

function checkWorld({ entries, seen, published }: World, budget: number): void {
  const charged = entries.flatMap(({ body }) => (body.kind === 'charge' ? [body.event] : []));
  const spent = composeEpsilon(charged, delta, 'pld');
  expect(spent).toBeLessThanOrEqual(budget);
  // Never more released than charged: of each kind of event too.
  for (const { noiseMultiplier } of seen.filter((event) => event.mechanism === 'gaussian')) {
    const same = (events: readonly MechanismEvent[]) =>
      events.filter((event) => event.mechanism === 'gaussian' && event.noiseMultiplier === noiseMultiplier).length;
    expect(same(seen)).toBeLessThanOrEqual(same(charged));
  }
  expect(composeEpsilon(seen, delta, 'pld')).toBeLessThanOrEqual(spent);
  const released = entries.flatMap(({ body }) => (body.kind === 'released' ? [body.published] : []));
  expect([...released].sort()).toEqual([...published].sort());
  // A charge is of a round that was released or abandoned: nothing is left open.
  const ended = entries.filter(({ body }) => body.kind === 'released' || body.kind === 'abandoned');
  expect(ended).toHaveLength(charged.length);
  expect(verifyLedger(entries, signer.publicKey, population)).toEqual({ ok: true, budget, delta, epsilon: spent });
}

describe('ten thousand schedules of two coordinators', () => {
  it('never see more released than charged, nor charge past the budget', async () => {
    const total = { charged: 0, refused: 0, crashes: 0 };
    await fc.assert(
      fc.asyncProperty(schedules, async ({ budget, turns, delays }) => {
        const world = await carryOut(memoryLedgerPort(), budget, turns, delays);
        checkWorld(world, budget);
        for (const { body } of world.entries) {
          if (body.kind === 'charge') total.charged += 1;
          if (body.kind === 'refused') total.refused += 1;
          if (body.kind === 'abandoned' && body.reason === 'a crash') total.crashes += 1;
        }
      }),
      { numRuns: 10_000 },
    );
    // The schedules are not idle: budgets are met, and crashes leave charges behind.
    expect(Math.min(total.charged, total.refused, total.crashes)).toBeGreaterThan(1000);
  }, 300_000);

  it('are judged by a model that notices a release without its charge', async () => {
    const turns: readonly Turn[] = [[{ noiseMultiplier: 4, end: 'released' }, null]];
    const world = await carryOut(memoryLedgerPort(), 6, turns, [1]);
    expect(() => checkWorld(world, 6)).not.toThrow();
    const uncharged = { ...world, seen: [...world.seen, ...world.seen] };
    expect(() => checkWorld(uncharged, 6)).toThrow();
    expect(() => checkWorld({ ...world, entries: world.entries.slice(0, -1) }, 6)).toThrow();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RoundEffect, RoundEvent, RoundLimits, RoundState, SecurePhase, WaitingPhase } from './state.ts';
import { phasesOfPlan } from './state.ts';
import { openRound, transition } from './transition.ts';

const names = ['a', 'b', 'c', 'd', 'e', 'f'];
const device = fc.constantFrom(...names);
const secure = phasesOfPlan.secure;
const waiting = secure.filter((phase): phase is WaitingPhase => phase !== 'releasing');
const limits = fc.integer({ min: 1, max: 4 }).chain((target) =>
  fc.record({ minimum: fc.integer({ min: 1, max: target }), extra: fc.nat(2) }).map(
    ({ minimum, extra }): RoundLimits => ({
      plan: 'secure',
      target,
      minimum,
      invitations: target + extra,
    }),
  ),
);
const ofDevice = (...kinds: readonly string[]) =>
  fc.record({ kind: fc.constantFrom(...kinds), device }) as fc.Arbitrary<RoundEvent>;
const event: fc.Arbitrary<RoundEvent> = fc.oneof(
  { weight: 24, arbitrary: ofDevice('answered') },
  { weight: 10, arbitrary: ofDevice('contribution-added') },
  { weight: 4, arbitrary: ofDevice('device-available', 'device-unavailable', 'device-lost', 'device-returned') },
  { weight: 1, arbitrary: ofDevice('device-declined') },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('excluded' as const), devices: fc.subarray(names) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('deadline' as const), phase: fc.constantFrom(...waiting) }) },
  // What the shell says only when it is asked: it must change nothing now.
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('advanced' as const),
      phase: fc.constantFrom<SecurePhase | 'releasing'>('drawing', 'collecting', 'releasing'),
      devices: fc.constant(names),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'advance-failed' as const, reason: 'nobody asked for it' }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'released' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'stopped' as const, reason: 'the operator stopped it' }) },
);

/** What the server of the round makes of the end of a phase: it fails, or goes on without the named. */
interface Shell {
  readonly full: boolean;
  readonly fails: SecurePhase | null;
  readonly without: readonly string[];
}
const shell: fc.Arbitrary<Shell> = fc.record({
  full: fc.boolean(),
  fails: fc.option(fc.constantFrom<SecurePhase>('keying', 'sharing', 'acknowledging', 'revealing'), { freq: 1 }),
  without: fc.subarray(names, { maxLength: 1 }),
});

interface Step {
  readonly before: RoundState;
  readonly event: RoundEvent;
  readonly after: RoundState;
  readonly effects: readonly RoundEffect[];
}

function answerOf(state: RoundState, phase: SecurePhase, { full, fails, without }: Shell): RoundEvent {
  if (phase === fails) return { kind: 'advance-failed', reason: 'the server of the round says so' };
  const next = secure[secure.indexOf(phase) + (phase === 'keying' && full ? 2 : 1)] as SecurePhase | 'releasing';
  const devices = names.filter((name) => {
    const progress = state.devices.get(name);
    return (progress === 'answered' || progress === 'uploaded') && !without.includes(name);
  });
  return { kind: 'advanced', phase: next, devices };
}

/** Runs events against a new round; `select` and `advance` are answered at once, as the shell does. */
function run(limitsOfRound: RoundLimits, available: readonly string[], events: readonly RoundEvent[], server: Shell) {
  const opened = openRound(7, limitsOfRound, available);
  const steps: Step[] = [];
  const effects: RoundEffect[] = [];
  let { state } = opened;
  const queue: RoundEvent[] = [];
  const answer = (made: readonly RoundEffect[]) => {
    effects.push(...made);
    for (const effect of made) {
      if (effect.kind === 'select') {
        queue.unshift({ kind: 'selected', devices: [...state.available].slice(0, effect.count) });
      }
      if (effect.kind === 'advance') queue.unshift(answerOf(state, effect.phase, server));
    }
  };
  answer(opened.effects);
  const pending = [...events];
  while (queue.length > 0 || pending.length > 0) {
    const next = (queue.shift() ?? pending.shift()) as RoundEvent;
    const before = state;
    const made = transition(state, next);
    state = made.state;
    steps.push({ before, event: next, after: state, effects: made.effects });
    answer(made.effects);
  }
  return { state, steps, effects };
}

/** Many devices do what the phase asks for, whichever it is; perhaps its deadline passes after them. */
const burst = fc
  .record({ devices: fc.subarray(names, { minLength: 5 }), late: fc.boolean() })
  .map(({ devices, late }): RoundEvent[] => [
    ...devices.flatMap((name): RoundEvent[] => [
      { kind: 'contribution-added', device: name },
      { kind: 'answered', device: name },
    ]),
    ...(late ? waiting.map((phase): RoundEvent => ({ kind: 'deadline', phase })).toReversed() : []),
  ]);
const history = fc
  .array(fc.oneof({ weight: 4, arbitrary: burst }, { weight: 1, arbitrary: event.map((one) => [one]) }), {
    minLength: 6,
    maxLength: 24,
  })
  .map((parts) => parts.flat());

const ended = ({ phase }: RoundState) => phase === 'closed' || phase === 'abandoned';
const order = [...secure, 'closed', 'abandoned'];
const runs = [limits, fc.subarray(names, { minLength: 4 }), history, shell] as const;

describe('a secure round, whatever happens', () => {
  it('never releases below the minimum, nor twice, nor before every phase was gone through', () => {
    fc.assert(
      fc.property(...runs, (limitsOfRound, available, events, server) => {
        const { state, steps, effects } = run(limitsOfRound, available, events, server);
        const releases = steps.flatMap(({ after, effects: made }) =>
          made.flatMap((effect) => (effect.kind === 'release' ? [{ effect, after }] : [])),
        );
        expect(releases.length).toBeLessThanOrEqual(1);
        for (const { effect, after } of releases) {
          expect(effect.contributions).toBe(after.uploaded);
          expect(after.uploaded).toBeGreaterThanOrEqual(limitsOfRound.minimum);
          const ends = effects.flatMap((made) => (made.kind === 'advance' ? [made.phase] : []));
          expect(ends).toEqual(
            waiting.filter((phase) => phase !== 'selecting' && !(server.full && phase === 'drawing')),
          );
        }
        if (state.phase === 'closed') expect(releases).toHaveLength(1);
      }),
      { numRuns: 600 },
    );
  });

  it('counts each device once, and only in the phase that collects', () => {
    fc.assert(
      fc.property(...runs, (limitsOfRound, available, events, server) => {
        const { state, steps } = run(limitsOfRound, available, events, server);
        const counted = steps.filter(({ before, after }) => after.uploaded > before.uploaded);
        for (const { before, event: made } of counted) {
          expect([before.phase, made.kind]).toEqual(['collecting', 'contribution-added']);
        }
        const devices = new Set(counted.map(({ event: made }) => (made as { device: string }).device));
        expect(devices.size).toBe(counted.length);
        expect(state.uploaded).toBe(counted.length);
      }),
      { numRuns: 300 },
    );
  });

  it('goes through its phases in order, ends once, tells why it was abandoned, and stays ended', () => {
    fc.assert(
      fc.property(...runs, (limitsOfRound, available, events, server) => {
        const { state, steps, effects } = run(limitsOfRound, available, events, server);
        for (const { before, after, effects: made } of steps) {
          if (ended(before)) expect([after, made]).toEqual([before, []]);
          expect(order.indexOf(after.phase)).toBeGreaterThanOrEqual(order.indexOf(before.phase));
          if (after.phase === 'closed') expect(['releasing', 'closed']).toContain(before.phase);
          for (const effect of made) {
            if (effect.kind !== 'end') continue;
            expect(effect.outcome).toBe(after.phase);
            if (effect.outcome === 'abandoned') expect(effect.reason.length).toBeGreaterThan(5);
          }
        }
        expect(effects.filter(({ kind }) => kind === 'end')).toHaveLength(ended(state) ? 1 : 0);
        expect(state.reason === null).toBe(state.phase !== 'abandoned');
      }),
      { numRuns: 300 },
    );
  });

  it('starts the deadline of every phase that it enters, and stops taking uploads once, at the end of collecting', () => {
    fc.assert(
      fc.property(...runs, (limitsOfRound, available, events, server) => {
        const { steps, effects } = run(limitsOfRound, available, events, server);
        const entered = steps.flatMap(({ before, after }) =>
          before.phase !== after.phase && waiting.includes(after.phase as WaitingPhase) ? [after.phase] : [],
        );
        const started = effects.flatMap((effect) => (effect.kind === 'start-deadline' ? [effect.phase] : []));
        expect(started).toEqual(['selecting', ...entered]);
        for (const { before, after, effects: made } of steps) {
          const stops = made.some(({ kind }) => kind === 'stop-collecting');
          const leaves = before.phase === 'collecting' && !before.advancing && (after.advancing || ended(after));
          // A round that is stopped from outside is torn down as a whole.
          if (!made.some(({ kind }) => kind === 'end')) expect(stops).toBe(leaves);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('knows how many have answered, and ends a phase as soon as nobody is awaited', () => {
    fc.assert(
      fc.property(...runs, (limitsOfRound, available, events, server) => {
        for (const { after } of run(limitsOfRound, available, events, server).steps) {
          if (ended(after) || after.phase === 'selecting' || after.phase === 'releasing') continue;
          const progress = [...after.devices.values()];
          const count = (...kinds: string[]) => progress.filter((kind) => kinds.includes(kind)).length;
          expect(after.answered).toBe(count('answered', 'uploaded'));
          expect(after.devices.pending).toBe(count('invited', 'away'));
          expect(after.devices.pending > 0 || after.advancing).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is over once every deadline has passed and the release has answered, after any history', () => {
    fc.assert(
      fc.property(...runs, (limitsOfRound, available, events, server) => {
        const last: RoundEvent[] = [
          ...waiting.map((phase): RoundEvent => ({ kind: 'deadline', phase })),
          { kind: 'released' },
        ];
        expect(ended(run(limitsOfRound, available, [...events, ...last], server).state)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('does not change what it is given', () => {
    fc.assert(
      fc.property(...runs, (limitsOfRound, available, events, server) => {
        for (const { before, event: made, after } of run(limitsOfRound, available, events, server).steps.toReversed()) {
          const again = transition(before, made).state;
          expect([again.phase, again.uploaded, again.answered]).toEqual([after.phase, after.uploaded, after.answered]);
          expect([...again.devices.values()]).toEqual([...after.devices.values()]);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('a secure round of three devices, at least two', () => {
  const plan: RoundLimits = { plan: 'secure', target: 2, minimum: 2, invitations: 3 };
  const server: Shell = { full: false, fails: null, without: [] };
  const all = ['a', 'b', 'c'];
  const answered = (...devices: string[]) => devices.map((name): RoundEvent => ({ kind: 'answered', device: name }));
  const uploaded = (...devices: string[]) =>
    devices.map((name): RoundEvent => ({ kind: 'contribution-added', device: name }));
  const deadline = (phase: WaitingPhase): RoundEvent => ({ kind: 'deadline', phase });
  const dealt = [...answered(...all), ...answered(...all), ...answered(...all)];

  it('asks for a phase more in a drawn graph than in the full one', () => {
    expect(run(plan, all, answered(...all), server).state.phase).toBe('drawing');
    expect(run(plan, all, answered(...all), { ...server, full: true }).state.phase).toBe('sharing');
  });

  it('collects beyond its target, until everybody has uploaded or the deadline', () => {
    const { state } = run(plan, all, [...dealt, ...uploaded('a', 'b')], server);
    expect(state).toMatchObject({ phase: 'collecting', uploaded: 2 });
    expect(run(plan, all, [...dealt, ...uploaded('a', 'b'), deadline('collecting')], server).state.phase).toBe(
      'acknowledging',
    );
    expect(run(plan, all, [...dealt, ...uploaded(...all)], server).state.phase).toBe('acknowledging');
  });

  it('says in which phase how many were missing', () => {
    const keyed = run(plan, all, [...answered('a'), deadline('keying')], server).state;
    expect(keyed).toMatchObject({
      phase: 'abandoned',
      reason: '1 devices had answered while keying when the deadline passed; at least 2 are needed',
    });
    const collected = run(plan, all, [...dealt, ...uploaded('c'), deadline('collecting')], server).state;
    expect(collected.reason).toBe('1 contributions had arrived when the deadline passed; at least 2 are needed');
  });

  it('leaves it to the server whether too few acknowledge or reveal', () => {
    const collected = [...dealt, ...uploaded(...all)];
    const alone = run(plan, all, [...collected, ...answered('a'), deadline('acknowledging')], server).state;
    expect(alone).toMatchObject({ phase: 'revealing', uploaded: 3 });
    const failing: Shell = { ...server, fails: 'revealing' };
    const failed = run(plan, all, [...collected, ...answered(...all), deadline('revealing')], failing).state;
    expect(failed).toMatchObject({ phase: 'abandoned', reason: 'the server of the round says so' });
  });

  it('goes on without a device that is excluded or declines, and waits for one that is away', () => {
    const excluded: RoundEvent = { kind: 'excluded', devices: ['c'] };
    expect(run(plan, all, [...answered('a', 'b'), excluded], server).state.phase).toBe('drawing');
    const away: RoundEvent = { kind: 'device-lost', device: 'c' };
    const back: RoundEvent = { kind: 'device-returned', device: 'c' };
    expect(run(plan, all, [...answered('a', 'b'), away], server).state.phase).toBe('keying');
    expect(run(plan, all, [...answered('a', 'b'), away, back, ...answered('c')], server).state.phase).toBe('drawing');
    // It did not answer while keys were taken: it is in no later phase.
    const late = run(plan, all, [...answered('a', 'b'), deadline('keying'), ...answered('c')], server).state;
    expect([late.phase, late.answered, late.devices.get('c')]).toEqual(['drawing', 0, 'dropped']);
  });
});

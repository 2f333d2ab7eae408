import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RoundEffect, RoundEvent, RoundLimits, RoundState } from './state.ts';
import { phasesOfPlan } from './state.ts';
import { openRound, transition } from './transition.ts';

const names = ['a', 'b', 'c', 'd', 'e', 'f'];
const device = fc.constantFrom(...names);
const limits = fc
  .record({ target: fc.integer({ min: 1, max: 4 }), extra: fc.nat(2), minimum: fc.integer({ min: 1, max: 4 }) })
  .map(
    ({ target, extra, minimum }): RoundLimits => ({
      plan: 'sealed',
      target,
      minimum: Math.min(minimum, target),
      invitations: target + extra,
    }),
  );
const event: fc.Arbitrary<RoundEvent> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'device-available',
        'device-unavailable',
        'device-lost',
        'device-returned',
        'device-declined',
        'contribution-added',
      ),
      device,
    }) as fc.Arbitrary<RoundEvent>,
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('contribution-added' as const), device }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('selected' as const), devices: fc.subarray(names) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('deadline' as const),
      phase: fc.constantFrom('selecting' as const, 'collecting' as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'released' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'release-failed' as const, reason: 'the budget is spent' }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'stopped' as const, reason: 'the operator stopped it' }) },
);

interface Step {
  readonly before: RoundState;
  readonly event: RoundEvent;
  readonly after: RoundState;
  readonly effects: readonly RoundEffect[];
}

/** Runs events against a new round; a `select` effect is answered at once, as the shell does. */
function run(limitsOfRound: RoundLimits, available: readonly string[], events: readonly RoundEvent[]) {
  const opened = openRound(7, limitsOfRound, available);
  const steps: Step[] = [];
  const effects: RoundEffect[] = [];
  let { state } = opened;
  const queue: RoundEvent[] = [];
  const answer = (made: readonly RoundEffect[]) => {
    effects.push(...made);
    for (const effect of made) {
      if (effect.kind !== 'select') continue;
      queue.unshift({ kind: 'selected', devices: [...state.available].slice(0, effect.count) });
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

const ended = ({ phase }: RoundState) => phase === 'closed' || phase === 'abandoned';
const order = [...phasesOfPlan.sealed, 'closed', 'abandoned'];
const runs = [limits, fc.subarray(names), fc.array(event, { maxLength: 60 })] as const;

describe('a round, whatever happens', () => {
  it('counts each device once, and only invited ones', () => {
    fc.assert(
      fc.property(...runs, (limitsOfRound, available, events) => {
        const { state, steps } = run(limitsOfRound, available, events);
        const counted = steps.filter(({ before, after }) => after.uploaded > before.uploaded);
        const devices = counted.map(({ event: { kind, ...rest } }) => {
          expect(kind).toBe('contribution-added');
          return (rest as { device: string }).device;
        });
        expect(new Set(devices).size).toBe(devices.length);
        expect(state.uploaded).toBe(devices.length);
        for (const name of devices) expect(state.devices.get(name)).toBe('uploaded');
        expect([...state.devices.values()].filter((progress) => progress === 'uploaded')).toHaveLength(state.uploaded);
      }),
      { numRuns: 500 },
    );
  });

  it('never releases below the minimum, nor twice, and closes only after a release', () => {
    fc.assert(
      fc.property(...runs, (limitsOfRound, available, events) => {
        const { state, steps, effects } = run(limitsOfRound, available, events);
        const releases = effects.filter(({ kind }) => kind === 'release');
        expect(releases.length).toBeLessThanOrEqual(1);
        for (const { after, effects: made } of steps) {
          for (const effect of made) {
            if (effect.kind !== 'release') continue;
            expect(effect.contributions).toBe(after.uploaded);
            expect(after.uploaded).toBeGreaterThanOrEqual(limitsOfRound.minimum);
          }
        }
        if (state.phase === 'closed') expect(releases).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });

  it('goes through the phases of its plan in order and stays ended', () => {
    fc.assert(
      fc.property(...runs, (limitsOfRound, available, events) => {
        for (const { before, after, effects } of run(limitsOfRound, available, events).steps) {
          if (ended(before)) {
            expect(after).toBe(before);
            expect(effects).toEqual([]);
          }
          expect(order.indexOf(after.phase)).toBeGreaterThanOrEqual(order.indexOf(before.phase));
          if (after.phase === 'closed') expect(before.phase === 'releasing' || before.phase === 'closed').toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('ends once, tells why it was abandoned, and stops taking uploads before it releases or ends', () => {
    fc.assert(
      fc.property(...runs, (limitsOfRound, available, events) => {
        const { state, steps, effects } = run(limitsOfRound, available, events);
        const ends = effects.filter((effect) => effect.kind === 'end');
        expect(ends).toHaveLength(ended(state) ? 1 : 0);
        expect(state.reason === null).toBe(state.phase !== 'abandoned');
        for (const { before, after, effects: made } of steps) {
          const kinds = made.map(({ kind }) => kind);
          if (before.phase === 'collecting' && after.phase === 'releasing') {
            expect(kinds).toEqual(['stop-collecting', 'release']);
          }
          for (const effect of made) {
            if (effect.kind !== 'end') continue;
            expect(effect.outcome).toBe(after.phase);
            if (effect.outcome === 'abandoned') expect(effect.reason.length).toBeGreaterThan(5);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is over two deadlines and one answer of the release after any history', () => {
    const answers = fc.constantFrom<RoundEvent>(
      { kind: 'released' },
      { kind: 'release-failed', reason: 'the disk is full' },
    );
    fc.assert(
      fc.property(...runs, answers, (limitsOfRound, available, events, answer) => {
        const last: RoundEvent[] = [
          { kind: 'deadline', phase: 'selecting' },
          { kind: 'deadline', phase: 'collecting' },
          answer,
        ];
        expect(ended(run(limitsOfRound, available, [...events, ...last]).state)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('starts a deadline in every phase that waits for devices, and invites at most as many as planned', () => {
    fc.assert(
      fc.property(...runs, (limitsOfRound, available, events) => {
        const { state, effects } = run(limitsOfRound, available, events);
        const started = effects.flatMap((effect) => (effect.kind === 'start-deadline' ? [effect.phase] : []));
        const invited = effects.flatMap((effect) => (effect.kind === 'invite' ? [...effect.devices] : []));
        expect(started).toEqual(invited.length > 0 ? ['selecting', 'collecting'] : ['selecting']);
        expect(new Set(invited).size).toBe(invited.length);
        expect(state.devices.size).toBe(invited.length);
      }),
      { numRuns: 300 },
    );
  });

  it('does not change what it is given', () => {
    fc.assert(
      fc.property(...runs, (limitsOfRound, available, events) => {
        const { steps } = run(limitsOfRound, available, events);
        // Every state still says what it said when it was made, although later ones were made from it.
        for (const { before, event: next, after } of steps.toReversed()) {
          const again = transition(before, next).state;
          expect(again.phase).toBe(after.phase);
          expect(again.uploaded).toBe(after.uploaded);
          expect([...again.available]).toEqual([...after.available]);
          expect([...again.devices.values()]).toEqual([...after.devices.values()]);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('a round of the sealed plan', () => {
  const plan: RoundLimits = { plan: 'sealed', target: 3, minimum: 2, invitations: 4 };
  const events = (kind: 'device-available' | 'contribution-added' | 'device-declined', ...devices: string[]) =>
    devices.map((name): RoundEvent => ({ kind, device: name }));

  it('invites as soon as target x over-selection devices are available', () => {
    expect(run(plan, ['a', 'b', 'c'], []).state.phase).toBe('selecting');
    expect(run(plan, ['a', 'b', 'c'], events('device-available', 'd')).state.phase).toBe('collecting');
    expect(run(plan, names, []).state.devices.size).toBe(4);
  });

  it('invites whoever is there at the selection deadline, or says how many were missing', () => {
    const deadline: RoundEvent = { kind: 'deadline', phase: 'selecting' };
    expect(run(plan, ['a', 'b'], [deadline]).state).toMatchObject({ phase: 'collecting' });
    expect(run(plan, ['a'], [deadline]).state).toMatchObject({
      phase: 'abandoned',
      reason: '1 devices were available when selection ended; at least 2 are needed',
    });
  });

  it('releases at the target without waiting for the rest', () => {
    const { state, effects } = run(plan, names, events('contribution-added', 'a', 'b', 'c'));
    expect(state.phase).toBe('releasing');
    expect(effects.at(-1)).toEqual({ kind: 'release', contributions: 3 });
  });

  it('ends collecting when nobody is left who could upload', () => {
    const both = [...events('contribution-added', 'a', 'b'), ...events('device-declined', 'c', 'd')];
    expect(run(plan, names, both).state.phase).toBe('releasing');
    const one = [...events('contribution-added', 'a'), ...events('device-declined', 'b', 'c', 'd')];
    expect(run(plan, names, one).state).toMatchObject({ phase: 'abandoned' });
  });

  it('lets a device that went away come back and upload', () => {
    const lost: RoundEvent[] = [
      { kind: 'device-lost', device: 'a' },
      { kind: 'device-returned', device: 'a' },
      ...events('contribution-added', 'a'),
    ];
    expect(run(plan, names, lost).state.uploaded).toBe(1);
  });

  it('finishes a release that has begun, although the task is stopped meanwhile', () => {
    const stopped: RoundEvent = { kind: 'stopped', reason: 'the operator stopped it' };
    const { state } = run(plan, names, [...events('contribution-added', 'a', 'b', 'c'), stopped]);
    expect(state.phase).toBe('releasing');
    expect(transition(state, { kind: 'released' }).state.phase).toBe('closed');
    expect(run(plan, names, [stopped]).state).toMatchObject({ phase: 'abandoned', reason: stopped.reason });
  });
});

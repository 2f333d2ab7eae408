/** The shell with the server machine of a drawn graph, without sockets: small cohorts over sockets have the full graph. */
import {
  bytesToHex,
  createIdentity,
  createSecureServer,
  type DeviceEvent,
  type DeviceMessages,
  type DeviceState,
  deviceTransition,
  maskVector,
  type SecureRound,
  sha256,
  startDevice,
  systemRandom,
} from '@tributary/privacy';
import { RefusalError } from '@tributary/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openRound, type RoundEvent, type RoundState, transition } from '../../round/index.ts';
import type { Device } from '../task.ts';
import { createSecureRoundShell } from './secure-round-shell.ts';

const n = 12;
const coordinator = createIdentity(systemRandom);
const identities = Array.from({ length: n }, () => createIdentity(systemRandom));
const ids = identities.map(({ publicKey }) => bytesToHex(publicKey));
const round: SecureRound = {
  roundHash: sha256(new Uint8Array(3)),
  coordinatorKey: coordinator.publicKey,
  population: 'members',
  sections: [{ length: 5, bits: 20 }],
  degree: 9,
  threshold: 6,
  inDegreeCap: n,
  minimum: 8,
  maximum: n,
  corrupt: 0,
  dropout: 1000,
  identityLog: null,
};
const policy = { minimumRoster: 3, corrupt: 0, security: 1, openedFraction: 0, openedMinimum: 1 };

interface Delivery {
  readonly id: string;
  readonly name: string;
  readonly content: { readonly round: number };
}

/** A round of the machine and its shell; devices answer what lies in the inbox when it is delivered. */
function rehearse(
  failed: (error: unknown) => void = (error) => {
    throw error;
  },
) {
  const limits = { plan: 'secure', target: n, minimum: 8, invitations: n } as const;
  let { state } = transition(openRound(4, limits, ids).state, { kind: 'selected', devices: ids });
  const phases: RoundState['phase'][] = [state.phase];
  const inbox: Delivery[] = [];
  const gone = new Set<string>();
  const deaf = new Set<string>();
  const states = new Map<string, DeviceState>();
  const deviceOf = (id: string): Device | null =>
    gone.has(id)
      ? null
      : {
          id,
          notify(name, content) {
            if (deaf.has(id)) throw new RangeError('The message is too long.');
            inbox.push({ id, name, content: content as never });
          },
        };
  const dispatch = (event: RoundEvent): void => {
    const made = transition(state, event);
    if (made.state.phase !== state.phase) phases.push(made.state.phase);
    ({ state } = made);
    for (const effect of made.effects) if (effect.kind === 'advance') shell.advance();
  };
  const server = createSecureServer({ round, coordinator, devices: ids });
  const open = () => state.phase !== 'abandoned';
  const shell = createSecureRoundShell(4, server, { dispatch, deviceOf, open, failed });

  function answer(id: string, event: DeviceEvent): void {
    const made = deviceTransition(states.get(id) as DeviceState, event, systemRandom);
    states.set(id, made.state);
    for (const effect of made.effects) {
      if (effect.kind === 'send') shell.receive(id, effect.name, effect.message as never);
      if (effect.kind === 'mask') {
        const vector = maskVector([new Uint32Array(5)], round.sections, effect.masks);
        answer(id, { kind: 'masked', vectorHash: sha256(vector) });
      }
      if (effect.kind !== 'upload') continue;
      const hash = (states.get(id) as DeviceState).answered.find(({ kind }) => kind === 'masked')?.digest as Uint8Array;
      shell.checked(id, () => server.uploaded(id, effect.statement, hash));
      dispatch({ kind: 'contribution-added', device: id });
    }
  }

  return {
    server,
    shell,
    inbox,
    gone,
    phases,
    dispatch,
    deviceOf,
    refuseAllTo: (id: string) => void deaf.add(id),
    state: () => state,
    sendKeys(index: number): void {
      const started = startDevice({ round, policy, identity: identities[index], random: systemRandom });
      states.set(ids[index], started.state);
      shell.receive(ids[index], 'keys', started.message as DeviceMessages['keys']);
    },
    /** Devices answer, all but the named, until nothing is left to answer or the phase has come. */
    deliver({ but, until }: { readonly but?: string; readonly until?: RoundState['phase'] } = {}): void {
      while (state.phase !== until) {
        const next = inbox.shift();
        if (!next) return;
        const { round: number, ...message } = next.content;
        expect(number).toBe(4);
        if (next.id !== but) answer(next.id, { kind: next.name, message } as unknown as DeviceEvent);
      }
    },
  };
}

describe('the shell of a secure round', () => {
  it('takes it through all its phases, drawing among them, and tells only devices that are there', () => {
    const { server, shell, inbox, gone, phases, dispatch, deviceOf, state, sendKeys, deliver } = rehearse();
    expect(shell.view()).toBeNull();
    ids.forEach((_, index) => {
      // Its connection is lost after it sent its keys.
      if (index === n - 1) gone.add(ids[0]);
      sendKeys(index);
    });
    expect([state().phase, state().devices.get(ids[0])]).toEqual(['drawing', 'away']);
    expect(shell.view()).toEqual({ cohort: n, neighbours: 9, threshold: 6 });
    expect(inbox.map(({ name }) => name)).toEqual(Array.from({ length: n - 1 }, () => 'roster'));
    // One roster for all: its bytes are encoded, and kept, once.
    expect(new Set(inbox.map(({ content }) => content)).size).toBe(1);
    deliver();
    expect([state().phase, state().answered]).toEqual(['drawing', n - 1]);
    gone.clear();
    dispatch({ kind: 'device-returned', device: ids[0] });
    shell.show(deviceOf(ids[0]) as Device);
    deliver();
    expect(phases).toEqual(['keying', 'drawing', 'sharing', 'collecting', 'acknowledging', 'revealing', 'releasing']);
    expect(server.opening()).toMatchObject({ uploaded: n, count: n });
  });

  it('loses no other device over one that cannot be told, and abandons a round that fails by itself', () => {
    const failures: unknown[] = [];
    const { server, refuseAllTo, state, dispatch, sendKeys, deliver } = rehearse((error) => failures.push(error));
    refuseAllTo(ids[2]);
    ids.forEach((_, index) => {
      sendKeys(index);
    });
    deliver();
    expect([state().phase, state().answered, failures.length]).toEqual(['drawing', n - 1, 1]);
    server.advance = () => {
      throw new TypeError('member-4711');
    };
    dispatch({ kind: 'deadline', phase: 'drawing' });
    expect(state()).toMatchObject({ phase: 'abandoned', reason: expect.stringMatching(/unexpected failure/) });
    expect(failures).toEqual([expect.any(RangeError), expect.any(TypeError)]);
  });

  const phases = ['keying', 'drawing', 'sharing', 'collecting', 'acknowledging', 'revealing'] as const;
  const bytes = (...lengths: number[]) =>
    fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom(...lengths).chain((length) => fc.uint8Array({ minLength: length, maxLength: length })),
    );
  const message = fc.oneof(
    fc.record({
      name: fc.constant('keys' as const),
      message: fc.record({ shareKey: bytes(32), maskKey: bytes(32), signature: bytes(64) }),
    }),
    fc.record({
      name: fc.constant('neighbours' as const),
      message: fc.record({ neighbours: bytes(36), signature: bytes(64) }),
    }),
    fc.record({ name: fc.constant('shares' as const), message: fc.record({ boxes: bytes(112 * 9, 112 * 8) }) }),
    fc.record({
      name: fc.constant('acknowledge' as const),
      message: fc.record({ uploaded: bytes(2), dropped: bytes(2), signature: bytes(64) }),
    }),
    fc.record({ name: fc.constant('reveal' as const), message: fc.record({ shares: bytes(36 * 9, 36) }) }),
  );

  it('refuses whatever one device sends in whatever phase, and the round of the others goes on', () => {
    const [villain] = ids;
    fc.assert(
      fc.property(fc.constantFrom(...phases), fc.array(message, { minLength: 1, maxLength: 8 }), (until, sent) => {
        const { server, shell, dispatch, state, sendKeys, deliver } = rehearse();
        const accepted: string[] = [];
        const attack = () => {
          for (const { name, message: content } of sent) {
            try {
              shell.receive(villain, name, content as never);
              accepted.push(name);
            } catch (error) {
              expect(error).toBeInstanceOf(RefusalError);
              expect(['not-verified', 'out-of-phase']).toContain((error as RefusalError).code);
            }
          }
        };
        const [first, ...others] = ids.keys();
        if (until === 'keying') attack();
        if (server.has(villain)) sendKeys(first);
        others.forEach(sendKeys);
        if (until !== 'keying') {
          // Until its attack it takes part like the others.
          deliver({ until });
          expect(state().phase).toBe(until);
          attack();
        }
        while (state().phase !== 'releasing') {
          deliver({ but: villain });
          const { phase } = state();
          if (phase === 'abandoned') {
            // What one device can always do: deal rubbish of the right length, then vanish. Nothing was opened.
            expect(accepted).toContain('shares');
            expect(state().reason).toMatch(/shares of one device's secret were revealed/);
            return;
          }
          if (phase !== 'releasing') dispatch({ kind: 'deadline', phase: phase as (typeof phases)[number] });
        }
        // Boxes of shares are opaque to the coordinator: those of the right length are taken.
        expect(accepted.every((name) => name === 'shares')).toBe(true);
        expect(state().phase).toBe('releasing');
        expect(server.opening().uploaded).toBeGreaterThanOrEqual(n - 1);
      }),
      // A counterexample is large: shrinking it would take minutes.
      { numRuns: 24, endOnFailure: true },
    );
  });
});

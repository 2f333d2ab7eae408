/** The shell with the server machine of a drawn graph, without sockets: small cohorts over sockets have the full graph. */
import {
  bytesToHex,
  createIdentity,
  createSecureServer,
  type DeviceEvent,
  type DeviceMessages,
  type DeviceState,
  deviceTransition,
  type Identity,
  maskVector,
  type SecureRound,
  sha256,
  startDevice,
  systemRandom,
} from '@tributary/privacy';
import { expect, it } from 'vitest';
import { openRound, type RoundEvent, type RoundState, transition } from '../../round/index.ts';
import type { Device } from '../task.ts';
import { createSecureRoundShell } from './secure-round-shell.ts';

const n = 12;
const coordinator = createIdentity(systemRandom);
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

it('takes a round through all its phases, drawing among them, and tells only those that are there', () => {
  const identities = Array.from({ length: n }, () => createIdentity(systemRandom));
  const ids = identities.map(({ publicKey }) => bytesToHex(publicKey));
  const limits = { plan: 'secure', target: n, minimum: 8, invitations: n } as const;
  let { state } = transition(openRound(4, limits, ids).state, { kind: 'selected', devices: ids });
  const phases: RoundState['phase'][] = [state.phase];
  const inbox: { readonly id: string; readonly name: string; readonly content: { readonly round: number } }[] = [];
  /** Its connection is lost before sharing begins, and back when shares are due. */
  let gone: string | null = null;
  const deviceOf = (id: string): Device | null =>
    id === gone ? null : { id, notify: (name, content) => void inbox.push({ id, name, content: content as never }) };
  const dispatch = (event: RoundEvent): void => {
    const made = transition(state, event);
    if (made.state.phase !== state.phase) phases.push(made.state.phase);
    ({ state } = made);
    for (const effect of made.effects) if (effect.kind === 'advance') shell.advance();
  };
  const failed = (error: unknown) => {
    throw error;
  };
  const server = createSecureServer({ round, coordinator, devices: ids });
  const shell = createSecureRoundShell(4, server, {
    dispatch,
    deviceOf,
    open: () => state.phase !== 'abandoned',
    failed,
  });
  expect(shell.view()).toBeNull();

  const states = new Map<string, DeviceState>();
  const answer = (id: string, event: DeviceEvent): void => {
    const made = deviceTransition(states.get(id) as DeviceState, event, systemRandom);
    states.set(id, made.state);
    for (const effect of made.effects) {
      if (effect.kind === 'send') shell.receive(id, effect.name, effect.message as never);
      if (effect.kind === 'mask') {
        answer(id, {
          kind: 'masked',
          vectorHash: sha256(maskVector([new Uint32Array(5)], round.sections, effect.masks)),
        });
      }
      if (effect.kind !== 'upload') continue;
      const hash = (states.get(id) as DeviceState).answered.find(({ kind }) => kind === 'masked')?.digest as Uint8Array;
      shell.checked(id, () => server.uploaded(id, effect.statement, hash));
      dispatch({ kind: 'contribution-added', device: id });
    }
  };
  const deliver = (): void => {
    for (let next = inbox.shift(); next; next = inbox.shift()) {
      const { round: number, ...message } = next.content;
      expect(number).toBe(4);
      answer(next.id, { kind: next.name, message } as unknown as DeviceEvent);
    }
  };

  const keys = (identity: Identity) => {
    const started = startDevice({ round, policy, identity, random: systemRandom });
    states.set(bytesToHex(identity.publicKey), started.state);
    return started.message;
  };
  identities.forEach((identity, i) => {
    if (i === n - 1) gone = ids[0];
    shell.receive(ids[i], 'keys', keys(identity) as DeviceMessages['keys']);
  });
  expect([state.phase, state.devices.get(ids[0])]).toEqual(['drawing', 'away']);
  expect(shell.view()).toEqual({ cohort: n, neighbours: 9, threshold: 6 });
  expect(inbox.map(({ name }) => name)).toEqual(Array.from({ length: n - 1 }, () => 'roster'));
  // One roster for all: its bytes are encoded, and kept, once.
  expect(new Set(inbox.map(({ content }) => content)).size).toBe(1);
  deliver();
  expect([state.phase, state.answered]).toEqual(['drawing', n - 1]);
  gone = null;
  dispatch({ kind: 'device-returned', device: ids[0] });
  shell.show(deviceOf(ids[0]) as Device);
  deliver();
  expect(phases).toEqual(['keying', 'drawing', 'sharing', 'collecting', 'acknowledging', 'revealing', 'releasing']);
  expect(server.opening()).toMatchObject({ uploaded: n, count: n });
});

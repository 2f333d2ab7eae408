/** The round's transition function: `(state, event) -> {state, effects}`, pure. Events that do not fit the phase change nothing. */
import { deviceSet } from './device-set.ts';
import { invitedDevices } from './device-table.ts';
import { secureTransition } from './secure-transition.ts';
import type { RoundEvent, RoundLimits, RoundState, Transition } from './state.ts';
import { abandon, unchanged, withProgress } from './steps.ts';

/** Opens a round with whoever is available already. */
export function openRound(round: number, limits: RoundLimits, available: Iterable<string>): Transition {
  const state: RoundState = {
    round,
    limits,
    phase: 'selecting',
    available: deviceSet(available),
    devices: invitedDevices([]),
    uploaded: 0,
    answered: 0,
    advancing: false,
    reason: null,
  };
  const selection = selectWhenEnough(state);
  return { state: selection.state, effects: [{ kind: 'start-deadline', phase: 'selecting' }, ...selection.effects] };
}

export function transition(state: RoundState, event: RoundEvent): Transition {
  if (state.phase === 'closed' || state.phase === 'abandoned') return unchanged(state);
  // A release that has begun ends by itself: its charge is written, and its version may be.
  if (event.kind === 'stopped') return state.phase === 'releasing' ? unchanged(state) : abandon(state, event.reason);
  switch (state.phase) {
    case 'selecting':
      return selecting(state, event);
    case 'releasing':
      return releasing(state, event);
    default:
      return state.limits.plan === 'secure' ? secureTransition(state, state.phase, event) : collecting(state, event);
  }
}

function selecting(state: RoundState, event: RoundEvent): Transition {
  const { limits, available } = state;
  switch (event.kind) {
    case 'device-available': {
      if (available.has(event.device)) return unchanged(state);
      return selectWhenEnough({ ...state, available: available.with(event.device) });
    }
    case 'device-unavailable':
    case 'device-lost':
      return { state: { ...state, available: available.without(event.device) }, effects: [] };
    case 'deadline':
      if (event.phase !== 'selecting') return unchanged(state);
      if (available.size < limits.minimum) {
        return abandon(
          state,
          `${available.size} devices were available when selection ended; at least ${limits.minimum} are needed`,
        );
      }
      return { state, effects: [{ kind: 'select', count: Math.min(available.size, limits.invitations) }] };
    case 'selected': {
      const chosen = event.devices.filter((device) => available.has(device));
      if (chosen.length < limits.minimum) return unchanged(state);
      const phase = limits.plan === 'secure' ? 'keying' : 'collecting';
      return {
        state: {
          ...state,
          phase,
          available: deviceSet(),
          devices: invitedDevices(chosen),
        },
        effects: [
          { kind: 'invite', devices: chosen },
          { kind: 'start-deadline', phase },
        ],
      };
    }
    default:
      return unchanged(state);
  }
}

function selectWhenEnough(state: RoundState): Transition {
  const { invitations } = state.limits;
  return { state, effects: state.available.size >= invitations ? [{ kind: 'select', count: invitations }] : [] };
}

/** Plan `sealed`. */
function collecting(state: RoundState, event: RoundEvent): Transition {
  switch (event.kind) {
    case 'device-lost':
      return unchanged(withProgress(state, event.device, ['invited'], 'away'));
    case 'device-returned':
      return unchanged(withProgress(state, event.device, ['away'], 'invited'));
    case 'device-declined':
      return settle(withProgress(state, event.device, ['invited', 'away'], 'declined'));
    case 'contribution-added': {
      const next = withProgress(state, event.device, ['invited', 'away'], 'uploaded');
      return next === state ? unchanged(state) : settle({ ...next, uploaded: state.uploaded + 1 });
    }
    case 'deadline':
      return event.phase === 'collecting' ? finishCollecting(state, 'when the deadline passed') : unchanged(state);
    default:
      return unchanged(state);
  }
}

/** Ends collecting early once the target is reached or nobody is left who could still upload. */
function settle(state: RoundState): Transition {
  if (state.uploaded >= state.limits.target) return finishCollecting(state, '');
  if (state.devices.pending > 0) return { state, effects: [] };
  return finishCollecting(state, 'and no invited device was left');
}

function finishCollecting(state: RoundState, circumstance: string): Transition {
  const { minimum } = state.limits;
  if (state.uploaded < minimum) {
    const reason = `${state.uploaded} contributions had arrived ${circumstance}; at least ${minimum} are needed`;
    const { state: abandoned, effects } = abandon(state, reason);
    return { state: abandoned, effects: [{ kind: 'stop-collecting' }, ...effects] };
  }
  return {
    state: { ...state, phase: 'releasing' },
    effects: [{ kind: 'stop-collecting' }, { kind: 'release', contributions: state.uploaded }],
  };
}

function releasing(state: RoundState, event: RoundEvent): Transition {
  if (event.kind === 'released') {
    return { state: { ...state, phase: 'closed' }, effects: [{ kind: 'end', outcome: 'closed', reason: '' }] };
  }
  return event.kind === 'release-failed' ? abandon(state, event.reason) : unchanged(state);
}

/**
 * The phases of the plan `secure` between selection and release. Each waits for a message of every device that is still in the
 * round, and is over when nobody is awaited or at its deadline. The round does not stop at its target: whoever dealt shares and
 * then does not upload has to be recovered from its neighbours, which costs more than waiting.
 */
import type { RoundEvent, RoundState, SecurePhase, Transition } from './state.ts';
import { phasesOfPlan } from './state.ts';
import { abandon, unchanged, withProgress } from './steps.ts';

/** Up to here, fewer answers than the minimum cannot become enough contributions. Later, what still opens is for the shares to tell. */
const phasesThatNeedMinimum: readonly SecurePhase[] = ['keying', 'drawing', 'sharing', 'collecting'];

export function secureTransition(state: RoundState, phase: SecurePhase, event: RoundEvent): Transition {
  if (state.advancing) return advancing(state, phase, event);
  switch (event.kind) {
    case 'device-lost':
      return unchanged(withProgress(state, event.device, ['invited'], 'away'));
    case 'device-returned':
      return unchanged(withProgress(state, event.device, ['away'], 'invited'));
    case 'device-declined':
      return settle(withoutDevice(state, event.device, 'declined'), state, phase);
    case 'excluded':
      return settle(
        event.devices.reduce((next, device) => withoutDevice(next, device, 'excluded'), state),
        state,
        phase,
      );
    case 'answered': {
      if (phase === 'collecting') return unchanged(state);
      const next = withProgress(state, event.device, ['invited', 'away'], 'answered');
      return settle(next === state ? state : { ...next, answered: state.answered + 1 }, state, phase);
    }
    case 'contribution-added': {
      if (phase !== 'collecting') return unchanged(state);
      const next = withProgress(state, event.device, ['invited', 'away'], 'uploaded');
      if (next === state) return unchanged(state);
      return settle({ ...next, answered: state.answered + 1, uploaded: state.uploaded + 1 }, state, phase);
    }
    case 'deadline':
      return event.phase === phase ? finish(state, phase, 'when the deadline passed') : unchanged(state);
    default:
      return unchanged(state);
  }
}

/** The shell ends the phase now: messages of devices come too late for it and too early for the next. */
function advancing(state: RoundState, phase: SecurePhase, event: RoundEvent): Transition {
  if (event.kind === 'advance-failed') return abandon(state, event.reason);
  if (event.kind === 'excluded') {
    return unchanged(event.devices.reduce((next, device) => withoutDevice(next, device, 'excluded'), state));
  }
  if (event.kind === 'device-declined') return unchanged(withoutDevice(state, event.device, 'declined'));
  if (event.kind !== 'advanced' || !follows(event.phase, phase)) return unchanged(state);
  const next: RoundState = {
    ...state,
    phase: event.phase,
    advancing: false,
    answered: 0,
    devices: state.devices.awaiting(event.devices),
  };
  if (event.phase === 'releasing') {
    return { state: next, effects: [{ kind: 'release', contributions: state.uploaded }] };
  }
  const { pending } = next.devices;
  const { minimum } = state.limits;
  if (pending < minimum && phasesThatNeedMinimum.includes(event.phase)) {
    return abandon(next, `${pending} devices were left when ${event.phase} began; at least ${minimum} are needed`);
  }
  const settled = settle(next, state, event.phase);
  return { state: settled.state, effects: [{ kind: 'start-deadline', phase: event.phase }, ...settled.effects] };
}

/** Drawing is left out in the full graph; no other phase is. */
function follows(next: SecurePhase | 'releasing', phase: SecurePhase): boolean {
  const order = phasesOfPlan.secure;
  const steps = order.indexOf(next) - order.indexOf(phase);
  return steps === 1 || (phase === 'keying' && next === 'sharing');
}

/** Its answer of this phase no longer counts; what is in the sum stays there. */
function withoutDevice(state: RoundState, device: string, to: 'declined' | 'excluded'): RoundState {
  const answered = state.devices.get(device) === 'answered';
  const next = withProgress(state, device, ['invited', 'away', 'answered'], to);
  return answered ? { ...next, answered: state.answered - 1 } : next;
}

/** Ends the phase once nobody is awaited. */
function settle(state: RoundState, before: RoundState, phase: SecurePhase): Transition {
  if (state === before) return unchanged(state);
  return state.devices.pending > 0 ? unchanged(state) : finish(state, phase, 'and no other was awaited');
}

function finish(state: RoundState, phase: SecurePhase, circumstance: string): Transition {
  const stop = phase === 'collecting' ? [{ kind: 'stop-collecting' } as const] : [];
  const { minimum } = state.limits;
  if (state.answered < minimum && phasesThatNeedMinimum.includes(phase)) {
    const what = phase === 'collecting' ? 'contributions had arrived' : `devices had answered while ${phase}`;
    const { state: abandoned, effects } = abandon(
      state,
      `${state.answered} ${what} ${circumstance}; at least ${minimum} are needed`,
    );
    return { state: abandoned, effects: [...stop, ...effects] };
  }
  return { state: { ...state, advancing: true }, effects: [...stop, { kind: 'advance', phase }] };
}

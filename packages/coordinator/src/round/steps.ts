/** What every plan's transitions are made of. */
import type { DeviceProgress } from './device-table.ts';
import type { RoundState, Transition } from './state.ts';

export function unchanged(state: RoundState): Transition {
  return { state, effects: [] };
}

export function abandon(state: RoundState, reason: string): Transition {
  return { state: { ...state, phase: 'abandoned', reason }, effects: [{ kind: 'end', outcome: 'abandoned', reason }] };
}

/** Moves the device on, if it is at one of `from`; else the state is the same object. */
export function withProgress(
  state: RoundState,
  device: string,
  from: readonly DeviceProgress[],
  to: DeviceProgress,
): RoundState {
  const progress = state.devices.get(device);
  if (progress === undefined || !from.includes(progress)) return state;
  return { ...state, devices: state.devices.with(device, to) };
}

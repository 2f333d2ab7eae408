/** Whether a device's request about a round is in time: who comes late, was not invited or has contributed is refused here. */
import { RefusalError } from '@tributary/protocol';
import type { RoundPhase } from '../round/index.ts';
import type { ActiveRound } from './active-round.ts';
import type { RoundAggregation } from './aggregation.ts';

/** Phases in which devices have something to say of the round. */
const answering: readonly RoundPhase[] = ['keying', 'drawing', 'sharing', 'collecting', 'acknowledging', 'revealing'];

/** The open round, when it is the one named and the device is in it. @throws RefusalError */
export function roundOf(active: ActiveRound | null, lastRound: number, device: string, round: number): ActiveRound {
  if (round > lastRound) {
    throw new RefusalError('unknown-round', `There is no round ${round}; the latest is ${lastRound}.`);
  }
  if (!active || active.state.round !== round || !answering.includes(active.state.phase)) {
    if (active?.state.round === round && active.contributors.has(device)) {
      throw new RefusalError('duplicate-upload', 'This device has contributed to the round already.');
    }
    throw new RefusalError('deadline-passed', `Round ${round} no longer takes contributions; wait for the next.`);
  }
  if (!active.state.devices.has(device)) {
    throw new RefusalError('not-invited', `This device was not invited to round ${round}; wait for an invitation.`);
  }
  return active;
}

/** The round's aggregation, when the device is still in the round. @throws RefusalError */
export function aggregationOf(
  active: ActiveRound | null,
  lastRound: number,
  device: string,
  round: number,
): RoundAggregation {
  const current = roundOf(active, lastRound, device, round);
  const progress = current.state.devices.get(device);
  if (progress === 'declined' || !current.aggregation) {
    throw new RefusalError('out-of-phase', 'This device declined the round; wait for the next.');
  }
  if (progress === 'excluded') {
    throw new RefusalError('not-verified', 'What this device sent does not hold; it is out of the round.');
  }
  if (progress === 'dropped') {
    throw new RefusalError('deadline-passed', `This device missed a phase of round ${round}; wait for the next.`);
  }
  return current.aggregation;
}

/** The aggregation, where the device may send its upload. @throws RefusalError */
export function collectingOf(
  active: ActiveRound | null,
  lastRound: number,
  device: string,
  round: number,
): RoundAggregation {
  const { state, contributors } = roundOf(active, lastRound, device, round);
  if (contributors.has(device)) {
    throw new RefusalError('duplicate-upload', 'This device has contributed to the round already.');
  }
  const aggregation = aggregationOf(active, lastRound, device, round);
  if (state.phase === 'collecting') return aggregation;
  if (state.phase === 'acknowledging' || state.phase === 'revealing') {
    throw new RefusalError('deadline-passed', `Round ${round} no longer takes contributions; wait for the next.`);
  }
  throw new RefusalError('out-of-phase', `Round ${round} does not take contributions yet; it is ${state.phase}.`);
}

/** Whether a device's request about a round is in time: who comes late, was not invited or has contributed is refused here. */
import { RefusalError } from '@tributary/protocol';
import type { ActiveRound } from './active-round.ts';
import type { RoundUploads } from './uploads.ts';

/** The open round, when it is the one named and the device is in it. @throws RefusalError */
export function roundOf(active: ActiveRound | null, lastRound: number, device: string, round: number): ActiveRound {
  if (round > lastRound) {
    throw new RefusalError('unknown-round', `There is no round ${round}; the latest is ${lastRound}.`);
  }
  if (!active || active.state.round !== round || active.state.phase !== 'collecting') {
    if (active?.state.round === round && active.state.devices.get(device) === 'uploaded') {
      throw new RefusalError('duplicate-upload', 'This device has contributed to the round already.');
    }
    throw new RefusalError('deadline-passed', `Round ${round} no longer takes contributions; wait for the next.`);
  }
  if (!active.state.devices.has(device)) {
    throw new RefusalError('not-invited', `This device was not invited to round ${round}; wait for an invitation.`);
  }
  return active;
}

/** Where the device may send its upload. @throws RefusalError */
export function uploadsOf(active: ActiveRound | null, lastRound: number, device: string, round: number): RoundUploads {
  const current = roundOf(active, lastRound, device, round);
  const progress = current.state.devices.get(device);
  if (progress === 'uploaded') {
    throw new RefusalError('duplicate-upload', 'This device has contributed to the round already.');
  }
  if (progress === 'declined' || !current.uploads) {
    throw new RefusalError('out-of-phase', 'This device declined the round; wait for the next.');
  }
  return current.uploads;
}

/** The round that is open: its state, and what the shell holds for it. */
import { RefusalError, type RoundDescriptor } from '@tributary/protocol';
import type { Accumulator } from '../aggregation/accumulator.ts';
import type { RoundState } from '../round/index.ts';
import type { RoundRecord } from '../store/store.ts';
import type { RoundUploads } from './uploads.ts';

export interface ActiveRound {
  state: RoundState;
  record: RoundRecord;
  descriptor: RoundDescriptor | null;
  hash: string;
  uploads: RoundUploads | null;
  accumulator: Accumulator | null;
  deadline: ReturnType<typeof setTimeout> | null;
}

/** What the store keeps of a round from its opening on. */
export function openedRound(task: string, round: number, openedAt: number): RoundRecord {
  return {
    task,
    round,
    outcome: 'open',
    reason: '',
    invited: 0,
    contributions: 0,
    openedAt,
    endedAt: null,
    version: null,
    metrics: null,
    bytesReceived: 0,
  };
}

/** A round that nobody has been invited to yet. */
export function startedRound(state: RoundState, record: RoundRecord): ActiveRound {
  return { state, record, descriptor: null, hash: '', uploads: null, accumulator: null, deadline: null };
}

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

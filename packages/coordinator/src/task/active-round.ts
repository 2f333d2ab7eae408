/** The round that is open: its state, and what the shell holds for it. */
import type { LedgerSubject } from '@tributary/privacy';
import type { RoundDescriptor } from '@tributary/protocol';
import type { ReleaseCharge } from '../release/charge-noise-step.ts';
import type { RoundState } from '../round/index.ts';
import type { RoundRecord } from '../store/store.ts';
import type { RoundAggregation } from './aggregation.ts';

export interface ActiveRound {
  state: RoundState;
  record: RoundRecord;
  /** Null until devices are invited, as is the aggregation. */
  descriptor: RoundDescriptor | null;
  hash: string;
  aggregation: RoundAggregation | null;
  /** Made before shares are revealed, and not yet taken up by a release; null otherwise. */
  charge: (Exclude<ReleaseCharge, { readonly kind: 'refused' }> & { readonly subject: LedgerSubject }) | null;
  /** Devices whose contributions are in the sum. */
  readonly contributors: Set<string>;
  deadline: ReturnType<typeof setTimeout> | null;
  /** When the current phase began; milliseconds. */
  phaseBegan: number;
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
    engine: null,
  };
}

/** A round that nobody has been invited to yet. */
export function startedRound(state: RoundState, record: RoundRecord): ActiveRound {
  return {
    state,
    record,
    descriptor: null,
    hash: '',
    aggregation: null,
    charge: null,
    contributors: new Set(),
    deadline: null,
    phaseBegan: record.openedAt,
  };
}

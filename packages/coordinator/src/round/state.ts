/** A round as data. No clock, no socket: deadlines and disconnects are events (see transition.ts). */
import type { DeviceSet } from './device-set.ts';
import type { DeviceTable } from './device-table.ts';

export type RoundPhase =
  | 'selecting'
  | 'keying'
  | 'sharing'
  | 'collecting'
  | 'unmasking'
  | 'releasing'
  | 'closed'
  | 'abandoned';

/** Phases that a plan goes through, in order, before a round ends. Secure aggregation adds keying, sharing and unmasking. */
export const phasesOfPlan = {
  sealed: ['selecting', 'collecting', 'releasing'],
} as const satisfies Record<string, readonly RoundPhase[]>;

export type AggregationPlan = keyof typeof phasesOfPlan;

export interface RoundLimits {
  readonly plan: AggregationPlan;
  /** Contributions aimed for: the round stops collecting there. */
  readonly target: number;
  /** Contributions below which nothing is released. */
  readonly minimum: number;
  /** Devices to invite: at least `target`. */
  readonly invitations: number;
}

export interface RoundState {
  readonly round: number;
  readonly limits: RoundLimits;
  readonly phase: RoundPhase;
  /** Devices that wait to be invited; only while selecting. */
  readonly available: DeviceSet;
  /** Devices that were invited, with what became of them. */
  readonly devices: DeviceTable;
  /** Contributions in the sum. */
  readonly uploaded: number;
  /** Why the round was abandoned, in words; null otherwise. */
  readonly reason: string | null;
}

export type RoundEvent =
  | { readonly kind: 'device-available'; readonly device: string }
  | { readonly kind: 'device-unavailable'; readonly device: string }
  /** The shell's choice of whom to invite, by CSPRNG among the available. */
  | { readonly kind: 'selected'; readonly devices: readonly string[] }
  | { readonly kind: 'device-lost'; readonly device: string }
  | { readonly kind: 'device-returned'; readonly device: string }
  | { readonly kind: 'device-declined'; readonly device: string }
  /** A contribution that passed every check and was added to the sum. */
  | { readonly kind: 'contribution-added'; readonly device: string }
  | { readonly kind: 'deadline'; readonly phase: 'selecting' | 'collecting' }
  | { readonly kind: 'released' }
  /** The release did not happen: budget refused, or a failure. */
  | { readonly kind: 'release-failed'; readonly reason: string }
  | { readonly kind: 'stopped'; readonly reason: string };

/** What the shell must do, in order. */
export type RoundEffect =
  | { readonly kind: 'start-deadline'; readonly phase: 'selecting' | 'collecting' }
  /** Choose so many of the available at random, and answer with `selected`. */
  | { readonly kind: 'select'; readonly count: number }
  | { readonly kind: 'invite'; readonly devices: readonly string[] }
  /** Uploads are refused from here on. */
  | { readonly kind: 'stop-collecting' }
  | { readonly kind: 'release'; readonly contributions: number }
  | { readonly kind: 'end'; readonly outcome: 'closed' | 'abandoned'; readonly reason: string };

export interface Transition {
  readonly state: RoundState;
  readonly effects: readonly RoundEffect[];
}

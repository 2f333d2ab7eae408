/** A round as data. No clock, no socket: deadlines and disconnects are events (see transition.ts). */
import type { DeviceSet } from './device-set.ts';
import type { DeviceTable } from './device-table.ts';

/** Phases that wait for devices, each until its deadline at most. */
export type WaitingPhase =
  | 'selecting'
  | 'keying'
  | 'drawing'
  | 'sharing'
  | 'collecting'
  | 'acknowledging'
  | 'revealing';

export type RoundPhase = WaitingPhase | 'releasing' | 'closed' | 'abandoned';

/**
 * Phases that a plan goes through, in order, before a round ends. The plan `secure` has devices advertise keys, draw their
 * neighbours (left out where everybody is everybody's neighbour), deal shares, upload what they masked, and then unmask in two
 * steps: acknowledge who uploaded, and reveal shares.
 */
export const phasesOfPlan = {
  sealed: ['selecting', 'collecting', 'releasing'],
  secure: ['selecting', 'keying', 'drawing', 'sharing', 'collecting', 'acknowledging', 'revealing', 'releasing'],
} as const satisfies Record<string, readonly RoundPhase[]>;

export type AggregationPlan = keyof typeof phasesOfPlan;

/** Phases of the plan `secure` in which devices answer with a message. */
export type SecurePhase = Exclude<WaitingPhase, 'selecting'>;

export interface RoundLimits {
  readonly plan: AggregationPlan;
  /** Contributions aimed for: a sealed round stops collecting there. */
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
  /** Devices that have answered in the current phase; plan `secure`. */
  readonly answered: number;
  /** The phase is over, and the shell is asked to go on to the next; plan `secure`. */
  readonly advancing: boolean;
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
  | { readonly kind: 'deadline'; readonly phase: WaitingPhase }
  /** Plan `secure`: the device's message of the current phase was accepted. */
  | { readonly kind: 'answered'; readonly device: string }
  /** Plan `secure`: devices whose messages do not hold; they are out of the round. */
  | { readonly kind: 'excluded'; readonly devices: readonly string[] }
  /** The answer to `advance`: the phase that follows and the devices that it waits for. */
  | { readonly kind: 'advanced'; readonly phase: SecurePhase | 'releasing'; readonly devices: readonly string[] }
  /** The other answer: the round cannot go on. */
  | { readonly kind: 'advance-failed'; readonly reason: string }
  | { readonly kind: 'released' }
  /** The release did not happen: budget refused, or a failure. */
  | { readonly kind: 'release-failed'; readonly reason: string }
  | { readonly kind: 'stopped'; readonly reason: string };

/** What the shell must do, in order. */
export type RoundEffect =
  | { readonly kind: 'start-deadline'; readonly phase: WaitingPhase }
  /** Choose so many of the available at random, and answer with `selected`. */
  | { readonly kind: 'select'; readonly count: number }
  | { readonly kind: 'invite'; readonly devices: readonly string[] }
  /** Uploads are refused from here on. */
  | { readonly kind: 'stop-collecting' }
  /** End the phase of the plan `secure`, and answer with `advanced` or `advance-failed`. */
  | { readonly kind: 'advance'; readonly phase: SecurePhase }
  | { readonly kind: 'release'; readonly contributions: number }
  | { readonly kind: 'end'; readonly outcome: 'closed' | 'abandoned'; readonly reason: string };

export interface Transition {
  readonly state: RoundState;
  readonly effects: readonly RoundEffect[];
}

/** A device in a secure round, as data. Secrets are opaque, so that no log or message shows them. */
import type { Identity, SecretKey, Verify } from '../../identity/index.ts';
import type { MaskSeed } from '../mask-vector.ts';
import type {
  AcknowledgementMessage,
  AcknowledgementsMessage,
  DealtMessage,
  KeysMessage,
  NeighbourKeysMessage,
  NeighboursMessage,
  RevealMessage,
  RosterMessage,
  SharesMessage,
  SurvivorsMessage,
  UploadStatement,
} from '../messages.ts';
import type { ReadRoster, Roster } from '../roster.ts';
import type { RosterGraph, SecureRound, SecurityPolicy } from '../secure-round.ts';

/** What happened to the device, in the order of the phases. */
export type DeviceEvent =
  | { readonly kind: 'roster'; readonly message: RosterMessage }
  | { readonly kind: 'neighbourKeys'; readonly message: NeighbourKeysMessage }
  | { readonly kind: 'dealt'; readonly message: DealtMessage }
  /** The vector has been masked; its SHA-256. */
  | { readonly kind: 'masked'; readonly vectorHash: Uint8Array }
  | { readonly kind: 'survivors'; readonly message: SurvivorsMessage }
  | { readonly kind: 'acknowledgements'; readonly message: AcknowledgementsMessage };

/** What the shell must do, in order. */
export type DeviceEffect =
  | { readonly kind: 'send'; readonly name: 'neighbours'; readonly message: NeighboursMessage }
  | { readonly kind: 'send'; readonly name: 'shares'; readonly message: SharesMessage }
  | { readonly kind: 'send'; readonly name: 'acknowledge'; readonly message: AcknowledgementMessage }
  | { readonly kind: 'send'; readonly name: 'reveal'; readonly message: RevealMessage }
  /** Add these masks to the encoded vector, and answer with `masked`. */
  | { readonly kind: 'mask'; readonly masks: readonly MaskSeed[] }
  /** Upload the vector with this statement. */
  | { readonly kind: 'upload'; readonly statement: UploadStatement }
  /** Write down, durably and before what follows, that the device has answered this phase of this roster. */
  | { readonly kind: 'remember'; readonly what: 'acknowledged' | 'revealed'; readonly rosterHash: Uint8Array };

/** An event that was answered: the same again has the same effects, another of its kind ends the round for the device. */
export interface Answered {
  readonly kind: DeviceEvent['kind'];
  readonly digest: Uint8Array;
  readonly effects: readonly DeviceEffect[];
}

interface Common {
  readonly round: SecureRound;
  readonly policy: SecurityPolicy;
  readonly identity: Identity;
  readonly verify: Verify;
  readonly readRoster: ReadRoster;
  /** In the order of the phases. */
  readonly answered: readonly Answered[];
}

export interface KeyedDevice extends Common {
  readonly phase: 'keyed';
  readonly keys: KeysMessage;
  readonly shareSecret: SecretKey;
  readonly maskSecret: SecretKey;
}

export interface RosteredDevice extends Omit<KeyedDevice, 'phase'> {
  readonly phase: 'rostered';
  readonly roster: Roster;
  /** The device's place in the roster. */
  readonly index: number;
  readonly graph: RosterGraph;
  /** Out-neighbours, ascending. A share for the one at place p lies at x = p + 1. */
  readonly out: readonly number[];
}

export interface DealtDevice extends Omit<RosteredDevice, 'phase'> {
  readonly phase: 'dealt';
  /** In-neighbours, ascending. */
  readonly in: readonly number[];
  readonly selfMask: SecretKey;
  /** By out-neighbour: what their share keys agree to, which opens the boxes of those that are in-neighbours, too. */
  readonly agreed: ReadonlyMap<number, SecretKey>;
}

/** Shares that a dealer gave this device. */
export interface HeldShares {
  readonly maskKey: SecretKey;
  readonly selfMask: SecretKey;
}

export interface ReadyDevice extends Omit<DealtDevice, 'phase'> {
  readonly phase: 'ready';
  /** A, ascending: neighbours whose masks are in the vector. */
  readonly masked: readonly number[];
  /** By dealer. */
  readonly held: ReadonlyMap<number, HeldShares>;
  readonly unopened: readonly number[];
}

export interface UploadedDevice extends Omit<ReadyDevice, 'phase'> {
  readonly phase: 'uploaded';
}

export interface AcknowledgedDevice extends Omit<ReadyDevice, 'phase'> {
  readonly phase: 'acknowledged';
  /** Of A. */
  readonly survivors: ReadonlySet<number>;
}

/** All secrets are forgotten. */
export interface RevealedDevice extends Common {
  readonly phase: 'revealed';
}

export type DeviceState =
  | KeyedDevice
  | RosteredDevice
  | DealtDevice
  | ReadyDevice
  | UploadedDevice
  | AcknowledgedDevice
  | RevealedDevice;

/** A step of the device. */
export interface DeviceTransition<State extends DeviceState = DeviceState> {
  readonly state: State;
  readonly effects: readonly DeviceEffect[];
}

/** What the coordinator holds of a round. Tables are owned by the server machine, which updates them in place. */
import type { Verify } from '../../identity/index.ts';
import { SecureAggregationError } from '../error.ts';
import type {
  AcknowledgementMessage,
  CoordinatorMessages,
  DeviceMessages,
  KeysMessage,
  NeighboursMessage,
  SharesMessage,
  UploadStatement,
} from '../messages.ts';
import type { Roster } from '../roster.ts';
import type { RosterGraph } from '../secure-round.ts';
import type { Share } from '../shamir/index.ts';

export type ServerPhase = 'keys' | 'neighbours' | 'shares' | 'uploads' | 'acknowledgements' | 'reveals' | 'opening';

/** A message to one device. */
export type CoordinatorMessage = {
  [Name in keyof CoordinatorMessages]: { readonly name: Name; readonly message: CoordinatorMessages[Name] };
}[keyof CoordinatorMessages];

/** The roster and what each member has sent; by index. */
export interface RosterTable {
  readonly roster: Roster;
  readonly graph: RosterGraph;
  readonly verify: Verify;
  readonly indexOf: ReadonlyMap<string, number>;
  /** Out-neighbours with the signed list, once drawn; in the full graph all others. */
  readonly drawn: Map<number, { readonly out: readonly number[]; readonly message: NeighboursMessage | null }>;
  /** In-neighbours of those that drew; filled when drawing ends. */
  readonly inNeighbours: Map<number, readonly number[]>;
  readonly dealt: Map<number, SharesMessage>;
  /** A of each dealer; filled when sharing ends. */
  readonly masked: Map<number, readonly number[]>;
  readonly uploads: Map<number, { readonly statement: UploadStatement; readonly vectorHash: Uint8Array }>;
  /** The two sets that each uploader was shown. */
  readonly shown: Map<number, { readonly uploaded: Uint8Array; readonly dropped: Uint8Array }>;
  readonly acknowledged: Map<number, AcknowledgementMessage>;
  /** Shares by the device whose secret they open. */
  readonly revealed: Map<number, Share[]>;
}

export type Entrant = KeysMessage & { readonly identity: Uint8Array };

export function outOf(table: RosterTable, index: number): readonly number[] {
  return table.drawn.get(index)?.out ?? [];
}

/** Out- and in-neighbours, ascending. */
export function neighboursOf(table: RosterTable, index: number): readonly number[] {
  const both = new Set([...outOf(table, index), ...(table.inNeighbours.get(index) ?? [])]);
  return [...both].sort((a, b) => a - b);
}

/** @throws SecureAggregationError 'malformed' */
export function expectLength(bytes: Uint8Array, length: number, what: string): void {
  if (bytes.length !== length) {
    throw new SecureAggregationError('malformed', `${what} has ${bytes.length} bytes; expected ${length}.`);
  }
}

export type DeviceMessageName = keyof DeviceMessages;

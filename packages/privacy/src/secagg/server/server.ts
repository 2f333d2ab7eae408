/**
 * The coordinator's side of a secure round: messages in, messages out. No clock, no socket: when a phase ends is the caller's to
 * say. It keeps its tables itself and wipes nothing that the round still needs; `opening` is the only way to a secret, and gives
 * either one of each device.
 */

import { equalBytes } from '../../bytes/compare.ts';
import { hexToBytes } from '../../bytes/hex.ts';
import { type Identity, type Verify, verify as verifySignature } from '../../identity/index.ts';
import { SecureAggregationError } from '../error.ts';
import { messageDigest } from '../message-digest.ts';
import type { DeviceMessages, UploadStatement } from '../messages.ts';
import { keyText } from '../roster.ts';
import type { RosterGraph, SecureRound } from '../secure-round.ts';
import { checkKeys, closeRoster, drawFullGraph, neighbourKeysFor, type ProofOf } from './keys.ts';
import { type Opening, openingOf } from './opening.ts';
import { closeSharing, dealtFor, holdersAmong, invertLists, receiveNeighbours, receiveShares } from './sharing.ts';
import {
  acknowledgementsFor,
  checkStatement,
  receiveAcknowledgement,
  receiveReveal,
  survivorsFor,
} from './survivors-and-shares.ts';
import type { CoordinatorMessage, DeviceMessageName, Entrant, RosterTable, ServerPhase } from './tables.ts';

export interface Advance {
  /** What to send to whom, in order. */
  readonly messages: ReadonlyMap<string, readonly CoordinatorMessage[]>;
  /** Devices that are out of the round from here on, with the reason. */
  readonly excluded: ReadonlyMap<string, string>;
}

export interface SecureServer {
  readonly phase: ServerPhase;
  /** Null before the roster is closed. */
  readonly graph: RosterGraph | null;
  readonly rosterHash: Uint8Array | null;
  readonly rosterSize: number;
  /** Devices from which the phase still waits for a message. */
  waiting(): readonly string[];
  /** Whether the device is still in the round. */
  has(device: string): boolean;
  /**
   * Takes a message of the current phase; the same again changes nothing. A device whose message does not verify is out.
   * @throws SecureAggregationError 'out-of-phase', 'not-in-round', or why the device is out now
   */
  receive<Name extends DeviceMessageName>(device: string, name: Name, message: DeviceMessages[Name]): void;
  /** The device leaves of its own. */
  exclude(device: string): void;
  /** Before any byte of a vector is taken. @throws SecureAggregationError */
  checkStatement(device: string, statement: UploadStatement, vectorHash: Uint8Array): void;
  /** The vector with that hash is in the masked sum. @throws SecureAggregationError */
  uploaded(device: string, statement: UploadStatement, vectorHash: Uint8Array): void;
  /** Ends the phase. @throws SecureAggregationError when the round cannot go on */
  advance(): Advance;
  /** What a device that comes back within the phase must be shown again. */
  messagesFor(device: string): readonly CoordinatorMessage[];
  /** In the phase `opening`. @throws SecureAggregationError 'cannot-reconstruct' */
  opening(): Opening;
}

const messageOfPhase: Partial<Record<ServerPhase, DeviceMessageName>> = {
  keys: 'keys',
  neighbours: 'neighbours',
  shares: 'shares',
  acknowledgements: 'acknowledge',
  reveals: 'reveal',
};

export function createSecureServer(options: {
  readonly round: SecureRound;
  /** Signs the roster. */
  readonly coordinator: Identity;
  /** Invited devices: hex of their Ed25519 identities. */
  readonly devices: Iterable<string>;
  /** Place of an identity in the log of the round's description; absent where devices pin the identities they meet. */
  readonly proofOf?: ProofOf;
  readonly verify?: Verify;
}): SecureServer {
  const { round, coordinator, proofOf, verify = verifySignature } = options;
  const entrants = new Map<string, Entrant>();
  const keysSeen = new Set<string>();
  /** Of the current phase: digest of the message of each device that has answered. */
  let answers = new Map<string, Uint8Array>();
  let shown = new Map<string, readonly CoordinatorMessage[]>();
  let phase: ServerPhase = 'keys';
  let table: RosterTable | null = null;
  /** Devices in the round, by id. */
  const members = new Set(options.devices);

  const rosterTable = (): RosterTable => {
    if (!table) throw new SecureAggregationError('out-of-phase', 'The roster is not closed yet.');
    return table;
  };
  const indexOf = (device: string): number => {
    const index = members.has(device) ? rosterTable().indexOf.get(device) : undefined;
    if (index === undefined) throw new SecureAggregationError('not-in-round', 'The device is not in the round.');
    return index;
  };

  function take(device: string, name: DeviceMessageName, message: DeviceMessages[DeviceMessageName]): void {
    switch (name) {
      case 'keys': {
        const identity = hexToBytes(device);
        const keys = message as DeviceMessages['keys'];
        checkKeys(round, identity, keys, keysSeen, verify);
        if (proofOf && !proofOf(identity)) {
          throw new SecureAggregationError(
            'unregistered',
            "The identity is not in the log of the round's description.",
          );
        }
        keysSeen.add(keyText(keys.shareKey)).add(keyText(keys.maskKey));
        entrants.set(device, { ...keys, identity });
        return;
      }
      case 'neighbours':
        receiveNeighbours(rosterTable(), indexOf(device), message as DeviceMessages['neighbours']);
        return;
      case 'shares':
        receiveShares(rosterTable(), indexOf(device), message as DeviceMessages['shares']);
        return;
      case 'acknowledge':
        receiveAcknowledgement(rosterTable(), indexOf(device), message as DeviceMessages['acknowledge']);
        return;
      case 'reveal':
        receiveReveal(rosterTable(), indexOf(device), message as DeviceMessages['reveal']);
        return;
    }
  }

  function expectStatement(device: string, statement: UploadStatement, vectorHash: Uint8Array): number {
    if (phase !== 'uploads') throw new SecureAggregationError('out-of-phase', 'The round takes no uploads now.');
    const index = indexOf(device);
    checkStatement(rosterTable(), index, statement, vectorHash);
    return index;
  }

  /** Members that have answered go on; the others are out. */
  function goOn(
    next: ServerPhase,
    reason: string,
    messagesOf: (device: string, index: number) => CoordinatorMessage[],
  ) {
    const current = rosterTable();
    const excluded = new Map<string, string>();
    const messages = new Map<string, readonly CoordinatorMessage[]>();
    for (const device of [...members]) {
      if (!answers.has(device)) {
        excluded.set(device, reason);
        members.delete(device);
      }
    }
    for (const device of members) messages.set(device, messagesOf(device, current.indexOf.get(device) as number));
    phase = next;
    answers = new Map();
    shown = messages;
    return { messages, excluded };
  }

  function tooFew(what: string, count: number): SecureAggregationError {
    return new SecureAggregationError(
      'too-few-survivors',
      `${count} devices ${what}; at least ${round.minimum} are needed.`,
    );
  }

  function advanceKeys(): Advance {
    const closed = closeRoster(round, entrants, coordinator, verify);
    table = closed.table;
    const current = closed.table;
    if (!current.graph.full) return goOn('neighbours', 'sent no keys in time', () => [closed.message]);
    drawFullGraph(current);
    const proof = memoised(proofOf);
    return goOn('shares', 'sent no keys in time', (_, index) => [
      closed.message,
      neighbourKeysFor(current, index, proof),
    ]);
  }

  function advanceNeighbours(): Advance {
    const current = rosterTable();
    if (answers.size < round.minimum) throw tooFew('drew neighbours', answers.size);
    invertLists(current);
    const proof = memoised(proofOf);
    return goOn('shares', 'drew no neighbours in time', (_, index) => [neighbourKeysFor(current, index, proof)]);
  }

  function advanceShares(): Advance {
    const current = rosterTable();
    const lacking = new Set(closeSharing(current));
    const dealers = current.dealt.size - lacking.size;
    if (dealers < round.minimum) throw tooFew('dealt shares', dealers);
    for (const [device, index] of current.indexOf) if (lacking.has(index)) answers.delete(device);
    return goOn('uploads', 'dealt no shares in time, or to too few that did', (_, index) => [dealtFor(current, index)]);
  }

  function advanceUploads(): Advance {
    const current = rosterTable();
    if (current.uploads.size < round.minimum) throw tooFew('uploaded', current.uploads.size);
    checkHolders(current, current.uploads, 'uploaded');
    return goOn('acknowledgements', 'uploaded nothing in time', (_, index) => [survivorsFor(current, index)]);
  }

  function advanceAcknowledgements(): Advance {
    const current = rosterTable();
    checkHolders(current, current.acknowledged, 'acknowledged');
    return goOn('reveals', 'acknowledged nothing in time', (_, index) => [acknowledgementsFor(current, index)]);
  }

  function advanceReveals(): Advance {
    const current = rosterTable();
    for (const index of current.masked.keys()) {
      const shares = current.revealed.get(index)?.length ?? 0;
      if (shares < current.graph.threshold) {
        throw new SecureAggregationError(
          'too-few-survivors',
          `${shares} shares of one device's secret were revealed; ${current.graph.threshold} are needed.`,
        );
      }
    }
    return goOn('opening', 'revealed nothing in time', () => []);
  }

  return {
    get phase() {
      return phase;
    },
    get graph() {
      return table?.graph ?? null;
    },
    get rosterHash() {
      return table?.roster.rosterHash ?? null;
    },
    get rosterSize() {
      return table?.roster.entries.length ?? 0;
    },
    waiting: () => (phase === 'opening' ? [] : [...members].filter((device) => !answers.has(device))),
    has: (device) => members.has(device),
    receive(device, name, message) {
      if (!members.has(device)) throw new SecureAggregationError('not-in-round', 'The device is not in the round.');
      if (messageOfPhase[phase] !== name) {
        throw new SecureAggregationError('out-of-phase', `'${name}' does not belong to the phase '${phase}'.`);
      }
      const digest = messageDigest(name, message);
      const before = answers.get(device);
      if (before && equalBytes(before, digest)) return;
      try {
        if (before)
          throw new SecureAggregationError('inconsistent', `A second, different '${name}' came in one round.`);
        take(device, name, message);
      } catch (error) {
        this.exclude(device);
        throw error;
      }
      answers.set(device, digest);
    },
    exclude(device) {
      if (!members.delete(device)) return;
      answers.delete(device);
      shown.delete(device);
      if (phase === 'keys') entrants.delete(device);
      const index = table?.indexOf.get(device);
      if (phase === 'neighbours' && index !== undefined) table?.drawn.delete(index);
      if (phase === 'shares' && index !== undefined) table?.dealt.delete(index);
      if (phase === 'acknowledgements' && index !== undefined) table?.acknowledged.delete(index);
    },
    checkStatement(device, statement, vectorHash) {
      expectStatement(device, statement, vectorHash);
    },
    uploaded(device, statement, vectorHash) {
      const index = expectStatement(device, statement, vectorHash);
      const current = rosterTable();
      if (current.uploads.has(index))
        throw new SecureAggregationError('inconsistent', 'The device has uploaded already.');
      current.uploads.set(index, { statement, vectorHash: vectorHash.slice() });
      answers.set(device, vectorHash.slice());
    },
    advance() {
      switch (phase) {
        case 'keys':
          return advanceKeys();
        case 'neighbours':
          return advanceNeighbours();
        case 'shares':
          return advanceShares();
        case 'uploads':
          return advanceUploads();
        case 'acknowledgements':
          return advanceAcknowledgements();
        case 'reveals':
          return advanceReveals();
        case 'opening':
          throw new SecureAggregationError('out-of-phase', 'All phases have ended.');
      }
    },
    messagesFor: (device) => (members.has(device) ? (shown.get(device) ?? []) : []),
    opening() {
      if (phase !== 'opening') throw new SecureAggregationError('out-of-phase', 'Shares are not revealed yet.');
      return openingOf(rosterTable());
    },
  };
}

/** Every secret of the round must still have enough holders that have answered. */
function checkHolders(table: RosterTable, answered: ReadonlyMap<number, unknown>, what: string): void {
  const { threshold } = table.graph;
  for (const index of table.masked.keys()) {
    const holders = holdersAmong(table, index, answered);
    if (holders < threshold) {
      throw new SecureAggregationError(
        'too-few-survivors',
        `Only ${holders} neighbours of one device ${what}; its secret needs ${threshold}. The sum stays closed.`,
      );
    }
  }
}

/** A device is drawn by many. */
function memoised(proofOf: ProofOf | undefined): ProofOf | undefined {
  if (!proofOf) return undefined;
  const known = new Map<string, ReturnType<ProofOf>>();
  return (identity) => {
    const key = keyText(identity);
    const before = known.get(key);
    if (before !== undefined) return before;
    const proof = proofOf(identity);
    known.set(key, proof);
    return proof;
  };
}
